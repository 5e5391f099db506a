using System.Text.Json.Nodes;
using Pier.Buildkit.Dockerfiles;
using Pier.Buildkit.Llb;
using Pier.Buildkit.Serving;
using Pier.Buildkit.Supply;
using Pier.Buildkit.Wire;

namespace Pier.UnitTests.Buildkit.Serving;

/// <summary>What an image gets so that it serves its data.</summary>
public sealed class ServingImageTests
{
    private static readonly string Torrent = "sha256:" + new string('b', 64);

    [Fact]
    public void What_went_into_the_images_file_system_is_found_through_every_kind_of_operation()
    {
        var data = Source("http://node/data");
        var @base = Source("docker-image://x");
        var copied = new LlbNode(CopyOf("/data/"), "copy", @base, data);
        // The second action works on the first one's result.
        var twice = new LlbNode(
            new Op { File = new FileOp { Actions = { Copy(0, 1, -1, "/one"), Copy(3, 2, 0, "/two") } } }, "twice", copied, Source("http://node/one"), data);
        var run = new LlbNode(
            new Op { Exec = new ExecOp { Mounts = { new Mount { Input = 0, Dest = "/", Output = 0 }, new Mount { Input = 1, Dest = "/mnt", Output = -1 } } } },
            "run", twice, new LlbNode(CopyOf("/elsewhere"), "other stage", Source("scratch"), Source("http://node/other")));
        var merged = new LlbNode(new Op { Merge = new MergeOp { Inputs = { new MergeInput { Input = 0 }, new MergeInput { Input = 1 } } } }, "merge", run, new LlbNode(CopyOf("/linked"), "link", Source("empty"), data));
        var definition = LlbBuilder.Define(merged);

        var copies = RootfsWalk.CopiesOf(definition).Select(copy => $"{OperationOf(definition, copy.Digest).Source.Identifier} {copy.Destination}");

        copies.ShouldBe(["http://node/data /data/", "http://node/one /one", "http://node/data /two", "http://node/data /linked"], ignoreOrder: true);
        RootfsWalk.CopiesOf(new Definition()).ShouldBeEmpty();
    }

    [Fact]
    public void An_action_that_names_itself_ends_the_walk()
    {
        var loop = new LlbNode(new Op { File = new FileOp { Actions = { Copy(1, 0, 0, "/x") } } }, "loop", Source("http://node/data"));

        RootfsWalk.CopiesOf(LlbBuilder.Define(loop)).ShouldHaveSingleItem().Destination.ShouldBe("/x");
    }

    [Fact]
    public void Program_list_and_torrents_are_added_after_all_that_was_there()
    {
        var definition = LlbBuilder.Define(new LlbNode(CopyOf("/data/"), "copy", Source("docker-image://x"), Source("http://node/data")));
        var content = Content(isTree: false);
        var paths = ServingImage.PathsOf(definition, digest => OperationOf(definition, digest).Source.Identifier == "http://node/data" ? content : null);
        paths.ShouldBe([new ServedPath(content, "/data/b")]);

        var served = ServingImage.Add(definition, paths, "docker.io/pier/frontend:latest", "amd64", "bittorrent /old /x\n"u8.ToArray());

        var (last, _) = RootfsWalk.ResultOf(served);
        var operation = OperationOf(served, last);
        operation.Inputs.Select(input => OperationOf(served, input.Digest).Source?.Identifier).ShouldBe([null, "docker-image://docker.io/pier/frontend:latest", "http://node/torrent"]);
        operation.Inputs[0].Digest.ShouldBe(RootfsWalk.ResultOf(definition).Digest);
        var actions = operation.File.Actions;
        actions.Select(action => (action.Input, action.SecondaryInput, action.Output)).ShouldBe([(0L, 1L, -1L), (3L, 2L, -1L), (4L, -1L, 0L)]);
        actions.Take(2).Select(action => $"{action.Copy.Src} {action.Copy.Dest} {(action.Copy.Mode < 0 ? "as it is" : Convert.ToString(action.Copy.Mode, 8))}").ShouldBe(
            ["/pierdat /usr/bin/pierdat 755", $"/{new string('b', 64)}.torrent /etc/pier.dat.d/{new string('b', 64)}.torrent as it is"]);
        (actions[2].Mkfile.Path, actions[2].Mkfile.Data.ToStringUtf8()).ShouldBe(
            ("/etc/pier.dat", $"bittorrent /old /x\nbittorrent /etc/pier.dat.d/{new string('b', 64)}.torrent /data/b\n"));
        served.Metadata.Keys.Order().ShouldBe(served.Def.Select(bytes => Sha256.Text(bytes.Span)).Append(RootfsTerminal(definition)).Distinct().Order());
    }

    [Theory]
    [InlineData(false, "/f", "/f")]
    [InlineData(false, "/d/", "/d/b")]
    [InlineData(true, "/d/", "/d/")]
    public void A_file_in_a_folder_is_served_under_its_name(bool isTree, string destination, string path)
    {
        var definition = LlbBuilder.Define(new LlbNode(CopyOf(destination), "copy", Source("x"), Source("http://node/data")));

        ServingImage.PathsOf(definition, _ => Content(isTree)).ShouldHaveSingleItem().Path.ShouldBe(path);
    }

    [Fact]
    public void A_path_with_white_space_is_refused()
    {
        var definition = LlbBuilder.Define(new LlbNode(CopyOf("/a b"), "copy", Source("x"), Source("http://node/data")));

        Should.Throw<DockerfileException>(() => ServingImage.PathsOf(definition, _ => Content(isTree: false))).Message.ShouldContain("white space");
    }

    [Theory]
    [InlineData("""{"config":{"Entrypoint":["/own","a"],"Cmd":["b"]}}""", """["/usr/bin/pierdat","exec","--","/own","a"]""")]
    [InlineData("""{"config":{"Entrypoint":["/bin/sh","-c","echo $A"]}}""", """["/usr/bin/pierdat","exec","--","/bin/sh","-c","echo $A"]""")]
    [InlineData("""{"config":{"Entrypoint":null,"Cmd":["sh"]}}""", """["/usr/bin/pierdat","exec","--"]""")]
    [InlineData("""{}""", """["/usr/bin/pierdat","exec","--"]""")]
    [InlineData("""{"config":{"Entrypoint":["/usr/bin/pierdat","exec","--","/own"]}}""", """["/usr/bin/pierdat","exec","--","/own"]""")]
    public void The_entry_point_is_wrapped_once(string config, string expected)
    {
        var node = JsonNode.Parse(config)!;
        var before = node["config"]?["Cmd"]?.ToJsonString();

        ServedConfig.Serve(node, line: 3);

        node["config"]!["Entrypoint"]!.ToJsonString().ShouldBe(expected);
        node["config"]!["Cmd"]?.ToJsonString().ShouldBe(before);
    }

    [Fact]
    public void The_history_tells_of_it()
    {
        var node = JsonNode.Parse("""{"architecture":"amd64","history":[{"created_by":"x"}]}""")!;

        ServedConfig.Serve(node, line: 3);

        node["history"]!.AsArray().Count.ShouldBe(2);
        node["history"]![1]!["created_by"]!.GetValue<string>().ShouldBe("PIER --serve (line 3): pierdat, /etc/pier.dat");
        ServedConfig.ArchitectureOf(node).ShouldBe("amd64");
    }

    private static LlbNode Source(string identifier) => new(new Op { Source = new SourceOp { Identifier = identifier } }, identifier);

    private static Op CopyOf(string destination) => new() { File = new FileOp { Actions = { Copy(0, 1, 0, destination) } } };

    private static FileAction Copy(int input, int second, int output, string destination) =>
        new() { Input = input, SecondaryInput = second, Output = output, Copy = new FileActionCopy { Src = "/b", Dest = destination } };

    private static Op OperationOf(Definition definition, string digest) =>
        definition.Def.Where(bytes => Sha256.Text(bytes.Span) == digest).Select(bytes => Op.Parser.ParseFrom(bytes)).Single();

    private static string RootfsTerminal(Definition definition) => Sha256.Text(definition.Def[^1].Span);

    private static SuppliedContent Content(bool isTree)
    {
        var instruction = new PierInstruction(3, 3) { CopyFlags = [], ContentFlags = ["--serve"], Sources = ["http://a/b"], Destination = "/data/" };
        var request = ContentRequest.Read(instruction, ["--serve", "http://a/b"]);
        return new SuppliedContent(request, "http://node/data", "sha256:" + new string('a', 64), "b", 3, isTree, IsExecutable: false, IsMutable: false)
        {
            Torrent = Torrent,
            TorrentAddress = "http://node/torrent",
        };
    }
}

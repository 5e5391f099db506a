using Google.Protobuf;
using Pier.Buildkit.Dockerfiles;
using Pier.Buildkit.Llb;
using Pier.Buildkit.Supply;
using Pier.Buildkit.Wire;

namespace Pier.UnitTests.Buildkit.Llb;

/// <summary>What comes of a definition in which markers stand.</summary>
public sealed class DefinitionPatchTests
{
    private static readonly string Sum = "sha256:" + new string('a', 64);
    private static readonly string Marker = SourceMarker.Write(0, ["http://a/b"]);
    private static readonly SourceInfo Dockerfile = new() { Filename = "Dockerfile", Data = ByteString.CopyFromUtf8("FROM x\nPIER http://a/b /c\n") };

    [Fact]
    public void A_file_takes_the_markers_place_with_its_checksum()
    {
        var (definition, other) = Sample();

        var patched = DefinitionPatch.Apply(definition, Dockerfile, Supply(isTree: false, unpack: false)).Definition;

        var operations = Operations(patched);
        operations.Count.ShouldBe(4);
        operations[0].Source.Identifier.ShouldBe("docker-image://x");
        Sha256.Text(patched.Def[0].Span).ShouldBe(other, "what does not depend on a marker keeps its bytes");
        operations[1].Source.Identifier.ShouldBe("http://node/data");
        operations[1].Source.Attrs.ToDictionary().ShouldBe(
            new Dictionary<string, string> { ["http.checksum"] = Sum, ["http.filename"] = "b", ["http.perm"] = "0644" }, ignoreOrder: true);
        var copy = operations[2].File.Actions.ShouldHaveSingleItem().Copy;
        (copy.Src, copy.Dest, copy.DirCopyContents, copy.Owner.ToStringUtf8()).ShouldBe(("/b", "/c", false, "owner"));
        operations[2].Inputs.Select(input => input.Digest).ShouldBe([other, Sha256.Text(patched.Def[1].Span)]);
        operations[3].Inputs.ShouldHaveSingleItem().Digest.ShouldBe(Sha256.Text(patched.Def[2].Span));
        patched.Metadata.Keys.Order().ShouldBe(patched.Def.Select(bytes => Sha256.Text(bytes.Span)).Order());
        patched.Metadata[Sha256.Text(patched.Def[2].Span)].Description["llb.customname"].ShouldBe("[2/2] PIER http://a/b /c");
        patched.Metadata[Sha256.Text(patched.Def[1].Span)].Description["llb.customname"].ShouldBe("[pier] Dockerfile:2: b (2 KiB)");
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_tree_or_an_archive_is_unpacked_before_it_is_copied(bool isTree, bool unpack)
    {
        var (definition, _) = Sample();

        var operations = Operations(DefinitionPatch.Apply(definition, Dockerfile, Supply(isTree, unpack)).Definition);

        operations.Count.ShouldBe(5);
        var unpacking = operations[2].File.Actions.ShouldHaveSingleItem();
        (unpacking.Input, unpacking.SecondaryInput, unpacking.Copy.AttemptUnpackDockerCompatibility, unpacking.Copy.Src, unpacking.Copy.Dest).ShouldBe((-1, 0, true, "/b", "/"));
        var copy = operations[3].File.Actions.ShouldHaveSingleItem().Copy;
        (copy.Src, copy.DirCopyContents, copy.AttemptUnpackDockerCompatibility, copy.Owner.ToStringUtf8()).ShouldBe(("/", true, false, "owner"));
    }

    [Fact]
    public void Excerpts_are_of_the_users_Dockerfile()
    {
        var (definition, _) = Sample();

        var patched = DefinitionPatch.Apply(definition, Dockerfile, Supply(isTree: false, unpack: false)).Definition;

        patched.Source.Infos.ShouldHaveSingleItem().Data.ShouldBe(Dockerfile.Data);
        foreach (var digest in patched.Def.Skip(1).Take(2).Select(bytes => Sha256.Text(bytes.Span)))
        {
            patched.Source.Locations[digest].Locations_.ShouldHaveSingleItem().Ranges.ShouldHaveSingleItem().Start.Line.ShouldBe(2);
        }
    }

    [Fact]
    public void Markers_are_found() => DefinitionPatch.MarkersIn(Sample().Definition).ShouldBe([Marker]);

    [Fact]
    public void Unknown_fields_survive()
    {
        var (definition, _) = Sample();
        // Field 2 is an ExecOp, which the subset does not name.
        var unknown = Op.Parser.ParseFrom([0x12, 0x02, 0x0a, 0x00]);
        unknown.Inputs.Add(new Input { Digest = Sha256.Text(definition.Def[2].Span) });
        definition.Def.Insert(3, unknown.ToByteString());

        var patched = DefinitionPatch.Apply(definition, Dockerfile, Supply(isTree: false, unpack: false)).Definition;

        patched.Def[3].Span[^4..].ToArray().ShouldBe([0x12, 0x02, 0x0a, 0x00]);
        Op.Parser.ParseFrom(patched.Def[3]).Inputs[0].Digest.ShouldBe(Sha256.Text(patched.Def[2].Span));
    }

    /// <summary>An image, a marker, and the copy of the one onto the other, as BuildKit makes them of <c>ADD marker /c</c>.</summary>
    private static (Definition Definition, string Image) Sample()
    {
        var image = new LlbNode(new Op { Source = new SourceOp { Identifier = "docker-image://x" } }, "[1/2] FROM x");
        var file = new LlbNode(new Op { Source = new SourceOp { Identifier = Marker, Attrs = { ["http.filename"] = "0" } } }, Marker);
        var copy = new Op
        {
            File = new FileOp
            {
                Actions = { new FileAction { SecondaryInput = 1, Copy = new FileActionCopy { Src = "/0", Dest = "/c", Mode = -1, Owner = ByteString.CopyFromUtf8("owner") } } },
            },
        };
        var definition = LlbBuilder.Define(new LlbNode(copy, $"[2/2] ADD {Marker} /c", image, file));
        definition.Source = new Source { Infos = { new SourceInfo { Filename = "Dockerfile", Data = ByteString.CopyFromUtf8("rewritten") } } };
        definition.Source.Locations[Sha256.Text(definition.Def[2].Span)] =
            new Locations { Locations_ = { new Location { Ranges = { new Pier.Buildkit.Wire.Range { Start = new Position { Line = 2 } } } } } };
        return (definition, Sha256.Text(definition.Def[0].Span));
    }

    private static Func<string, SuppliedContent?> Supply(bool isTree, bool unpack)
    {
        var instruction = new PierInstruction(2, 2)
        {
            CopyFlags = [], ContentFlags = unpack ? ["--unpack"] : [], Sources = ["http://a/b"], Destination = "/c",
        };
        var request = ContentRequest.Read(instruction, unpack ? ["--unpack", "http://a/b"] : ["http://a/b"]);
        return marker => marker == Marker
            ? new SuppliedContent(request, "http://node/data", Sum, "b", Size: 2048, isTree, IsExecutable: false, IsMutable: false)
            : null;
    }

    private static List<Op> Operations(Definition definition) => [.. definition.Def.Select(bytes => Op.Parser.ParseFrom(bytes))];
}

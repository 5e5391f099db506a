using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Pier.BitTorrent.Torrents;
using Pier.InteropTests.Distribution;
using Pier.TestKit.Files;
using Pier.TestKit.Images;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Programs;

/// <summary>pierdat takes files and folders out of images of a real registry, and gives others no more than the registry gives anybody.</summary>
public sealed class PierdatImageTests : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.Create("pierdat-oci");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Program => Path.Combine(SourceTree.OutputOf("src/Pier.Dat"), "pierdat");

    private string List => _folder.Below("pier.dat");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task Files_folders_and_blobs_come_out_of_images()
    {
        await using var registry = await LoopbackRegistry.StartAsync(_folder.Below("storage"), "", "", Cancel);
        var layer = await PublishAsync(registry);

        (await RunAsync($"oci://{registry.Name}/team/app:1!/data/model", _folder.Below("one") + "/")).OrThrow().Output.ShouldBe("Possible backends: oci\nTrying backend oci...\n");
        (await File.ReadAllTextAsync(_folder.Below("one", "model"), Cancel)).ShouldBe("newer");
        // An entry for each processor, of which this one's is taken; the folder's content goes below the destination.
        (await RunAsync($"oci://{registry.Name}/team/app:both!/data", _folder.Below("all"))).OrThrow();
        Directory.EnumerateFiles(_folder.Below("all"), "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder.Below("all"), file)).Order(StringComparer.Ordinal)
            .ShouldBe(["kept", "model", "sub/prog"]);
        File.GetUnixFileMode(_folder.Below("all", "sub", "prog")).ShouldBe((UnixFileMode)0x1ed);
        (await RunAsync($"oci://{registry.Name}/team/app@{layer}", _folder.Below("layer.tgz"))).OrThrow();
        TestImageDigest(_folder.Below("layer.tgz")).ShouldBe(layer);
        var lines = await File.ReadAllLinesAsync(List, Cancel);
        lines.Select(line => line.Split(' ')[2]).ShouldBe([_folder.Below("one", "model"), _folder.Below("all"), _folder.Below("layer.tgz")]);
        Metainfo.Parse(await File.ReadAllBytesAsync(lines[1].Split(' ')[1], Cancel)).Files.Count(file => !file.IsPadding).ShouldBe(3);
        Directory.EnumerateFileSystemEntries(_folder.Path, ".pierdat-*").ShouldBeEmpty();

        (await RunAsync($"oci://{registry.Name}/team/app:1!/gone", _folder.Below("x"))).Error.ShouldContain("has no '/gone'");
        (await RunAsync($"oci://{registry.Name}/team/app:2!/data", _folder.Below("x"))).ExitCode.ShouldBe(1);
        (await RunAsync($"oci://{registry.Name}/team/app:1", _folder.Below("x"))).Error.ShouldContain("!/PATH");
    }

    [Fact]
    public async Task What_wants_a_login_is_fetched_with_it_and_served_to_nobody()
    {
        await using (var open = await LoopbackRegistry.StartAsync(_folder.Below("storage"), "", "", Cancel))
        {
            await PublishAsync(open);
        }

        var password = (await Command.RunAsync(RequiredTool.Path("htpasswd", "apt-get install apache2-utils"), ["-nbB", "alice", "s3cret"], Cancel)).OrThrow().Output;
        await File.WriteAllTextAsync(_folder.Below("htpasswd"), password, Cancel);
        await using var registry = await LoopbackRegistry.StartAsync(_folder.Below("storage"), $"  htpasswd: {{realm: pier, path: \"{_folder.Below("htpasswd")}\"}}", "", Cancel);
        var uri = $"oci://{registry.Name}/team/app:1!/data/model";

        (await RunAsync(uri, _folder.Below("model"))).ExitCode.ShouldBe(1);
        var login = Convert.ToBase64String(Encoding.UTF8.GetBytes("alice:s3cret"));
        await File.WriteAllTextAsync(_folder.Below("config.json"), $$"""{"auths":{"{{registry.Name}}":{"auth":"{{login}}"} } }""", Cancel);

        (await RunAsync(uri, _folder.Below("model"))).OrThrow().Output.ShouldContain("is not served: ");

        (await File.ReadAllTextAsync(_folder.Below("model"), Cancel)).ShouldBe("newer");
        File.Exists(List).ShouldBeFalse();
    }

    private static string TestImageDigest(string file) => ImagePublisher.DigestOf(File.ReadAllBytes(file));

    private Task<CommandResult> RunAsync(string uri, string destination) => Command.RunAsync(
        Program,
        [uri, destination],
        new Dictionary<string, string>(StringComparer.Ordinal) { ["PIERDAT_FILE"] = List, ["PIERDAT_DHT"] = "off", ["DOCKER_CONFIG"] = _folder.Path },
        Cancel);

    /// <summary>Two layers: the second has another model, a program, and takes a file away.</summary>
    /// <returns>The first one's digest.</returns>
    private async Task<string> PublishAsync(LoopbackRegistry registry)
    {
        using var client = new HttpClient();
        var publisher = new ImagePublisher(client, registry.Address);
        var lower = await LayerAsync(publisher, "lower", ("data/model", "older", 0x1a4), ("data/kept", "kept", 0x1a4), ("data/old", "old", 0x1a4));
        var upper = await LayerAsync(publisher, "upper", ("data/model", "newer", 0x1a4), ("data/.wh.old", "", 0x1a4), ("data/sub/prog", "#!/bin/sh\n", 0x1ed));
        await publisher.PushListAsync("team/app", "both", [lower, upper], Cancel);
        await publisher.PushImageAsync("team/app", "1", [lower, upper], Cancel);
        return lower.Digest;
    }

    private async Task<TestLayer> LayerAsync(ImagePublisher publisher, string name, params IEnumerable<(string Path, string Text, int Mode)> files)
    {
        await using (var tar = new TarWriter(new GZipStream(File.Create(_folder.Below(name)), CompressionLevel.Fastest)))
        {
            foreach (var (path, text, mode) in files)
            {
                await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)), Mode = (UnixFileMode)mode }, Cancel);
            }
        }

        return await publisher.PushLayerAsync("team/app", _folder.Below(name), ImagePublisher.DigestOf([]), Cancel);
    }
}

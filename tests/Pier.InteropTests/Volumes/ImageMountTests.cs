using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Pier.InteropTests.Distribution;
using Pier.InteropTests.Programs;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Images;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Volumes;

/// <summary>The file system of an image as a folder: layers merged as an engine merges them, from a registry, and without it later.</summary>
public sealed class ImageMountTests : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly DateTimeOffset Old = new(2020, 2, 3, 4, 5, 6, TimeSpan.Zero);

    private readonly TempFolder _home = TempFolder.Create("image");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_is_a_volume_with_its_layers_merged()
    {
        PierProgram? started = null;
        string name;
        await using (var registry = await LoopbackRegistry.StartAsync(_home.Below("storage"), "", "", Token))
        {
            name = registry.Name;
            await PublishAsync(registry);
            started = await PierProgram.StartAsync(Token, new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["upstreams"] = new Dictionary<string, object>(StringComparer.Ordinal) { [name] = new { endpoints = new[] { registry.Address.ToString() } } },
            });
            (await started.RunAsync(Token, "mount", $"oci://{name}/team/app:1", _home.MakeFolder("whole"))).OrThrow();
            // The first source is not there; the second is. A folder of an image comes with its name.
            (await started.RunAsync(Token, "mount", "http://127.0.0.1:9/none.torrent", $"oci://{name}/team/app:1!/data", _home.MakeFolder("part"))).OrThrow();
        }

        await using var pier = started;
        await ShouldBeThereAsync();

        // The registry is gone.
        await pier.CrashAsync(Token);
        await Eventually.TrueAsync(() => File.Exists(_home.Below("whole", "bin", "prog")) && File.Exists(_home.Below("part", "data", "model")), "both are mounted again", Deadline, Token);
        await ShouldBeThereAsync();
        (await pier.RunAsync(Token, "umount", _home.Below("part"))).OrThrow();
        (await pier.RunAsync(Token, "umount", "--force", _home.Below("whole"))).OrThrow();
        MountTable.PointsBelow(_home.Path).ShouldBeEmpty();
        Directory.GetDirectories(pier.StateFile("volumes/.content")).ShouldBeEmpty("what was unpacked goes too");
    }

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    private async Task ShouldBeThereAsync()
    {
        var whole = _home.Below("whole");
        (await Command.RunAsync("find", [whole, "-mindepth", "1", "-printf", "%P %y %m %l\n"], Token)).OrThrow().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Order(StringComparer.Ordinal).ShouldBe(
            [
                "bin d 755 ", "bin/again f 755 ", "bin/link l 777 prog", "bin/prog f 755 ", "data d 755 ", "data/kept f 600 ", "data/model f 644 ",
                "hidden d 755 ", "hidden/new f 644 ",
            ]);
        (await File.ReadAllTextAsync(Path.Combine(whole, "data", "model"), Token)).ShouldBe("newer");
        (await File.ReadAllTextAsync(_home.Below("part", "data", "model"), Token)).ShouldBe("newer");
        (await File.ReadAllTextAsync(_home.Below("part", "data", "kept"), Token)).ShouldBe("kept");
        File.GetLastWriteTimeUtc(Path.Combine(whole, "data", "kept")).ShouldBe(Old.UtcDateTime);
        (await Command.RunAsync(Path.Combine(whole, "bin", "link"), [], Token)).OrThrow().Output.ShouldBe("it runs\n");
        var inodes = (await Command.RunAsync("stat", ["--format", "%i %h", Path.Combine(whole, "bin", "prog"), Path.Combine(whole, "bin", "again")], Token)).OrThrow().Output.Split('\n');
        inodes[0].ShouldEndWith(" 2");
        inodes[1].ShouldBe(inodes[0], "they are one file");
    }

    /// <summary>The second layer has another model, and hides a file and all that a folder had.</summary>
    private async Task PublishAsync(LoopbackRegistry registry)
    {
        using var client = new HttpClient();
        var publisher = new ImagePublisher(client, registry.Address);
        var lower = await LayerAsync(
            publisher, "lower", Plain("bin/prog", "#!/bin/sh\necho it runs\n", 0x1ed), new PaxTarEntry(TarEntryType.SymbolicLink, "bin/link") { LinkName = "prog" },
            new PaxTarEntry(TarEntryType.HardLink, "bin/again") { LinkName = "bin/prog", Mode = (UnixFileMode)0x1ed },
            Plain("data/model", "older"), Plain("data/kept", "kept", 0x180), Plain("data/old", "old"), Plain("hidden/old", "old"));
        var upper = await LayerAsync(publisher, "upper", Plain("data/model", "newer"), Plain("data/.wh.old", ""), Plain("hidden/.wh..wh..opq", ""), Plain("hidden/new", "new"));
        await publisher.PushImageAsync("team/app", "1", [lower, upper], Token);
    }

    private static PaxTarEntry Plain(string path, string text, int mode = 0x1a4) => new(TarEntryType.RegularFile, path)
    {
        DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)), Mode = (UnixFileMode)mode, ModificationTime = Old,
    };

    private async Task<TestLayer> LayerAsync(ImagePublisher publisher, string name, params IEnumerable<PaxTarEntry> entries)
    {
        await using (var tar = new TarWriter(new GZipStream(File.Create(_home.Below(name)), CompressionLevel.Fastest)))
        {
            foreach (var entry in entries)
            {
                await tar.WriteEntryAsync(entry, Token);
            }
        }

        return await publisher.PushLayerAsync("team/app", _home.Below(name), ImagePublisher.DigestOf([]), Token);
    }
}

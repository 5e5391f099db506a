using System.Security.Cryptography;
using System.Text.Json;
using Pier.InteropTests.Engine;
using Pier.InteropTests.Programs;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Volumes;

/// <summary><c>pier mount</c> of torrents that other clients seed: there at once, fetched as they are read, and safe from a killed daemon.</summary>
public sealed class MountedTorrentTests
{
    private const int LargeSize = 96 << 20;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("libtorrent", "hybrid")]
    [InlineData("transmission", "v1")]
    public async Task A_torrent_is_read_while_it_arrives(string seeder, string version)
    {
        await using var home = TempFolder.Create("mounted");
        await using var source = await SeededTorrent.OfAsync(home, SampleTree.Write(home), seeder, version);
        await using var pier = await PierProgram.StartAsync(Token);
        var folder = home.MakeFolder("mnt");

        (await pier.LinesAsync(Token, "mount", source.Magnet, folder)).ShouldHaveSingleItem().ShouldStartWith(folder);
        SampleTree.ShouldBeAt(folder);

        (await pier.RunAsync(Token, "mount", source.Magnet, folder)).ExitCode.ShouldBe(0, "the same again is no error");
        (await pier.LinesAsync(Token, "volume", "ls")).ShouldContain(line => line.Contains(folder, StringComparison.Ordinal));
        await using (File.OpenRead(Path.Combine(folder, "large.bin")))
        {
            (await pier.RunAsync(Token, "umount", folder)).Error.ShouldContain("in use");
        }

        await Eventually.TrueAsync(async () => (await pier.RunAsync(Token, "umount", folder)).ExitCode == 0, "nobody uses it", Deadline, Token);
        MountTable.PointsBelow(folder).ShouldBeEmpty();
        (await pier.LinesAsync(Token, "volume", "ls")).ShouldHaveSingleItem("the headings");
    }

    [Fact]
    public async Task What_is_not_read_is_not_fetched_and_a_killed_daemon_leaves_nothing_that_hangs()
    {
        await using var home = TempFolder.Create("mounted");
        var content = RandomNumberGenerator.GetBytes(LargeSize);
        await File.WriteAllBytesAsync(home.Below("large.bin"), content, Token);
        await using var source = await SeededTorrent.OfAsync(home, home.Below("large.bin"), "libtorrent", "hybrid");
        await using var pier = await PierProgram.StartAsync(Token);
        var folder = home.MakeFolder("mnt");
        (await pier.RunAsync(Token, "mount", "-o", "patience=20", source.Magnet, folder)).OrThrow();

        (await ReadAsync(folder, 70_000_000, 4096)).ShouldBe(content[70_000_000..70_004_096]);
        (await ShowAsync(pier)).GetProperty("local").GetInt64().ShouldBeLessThan(16 << 20);

        await pier.Daemon.KillAsync(Token);
        // What a reader sees of a mount without a server: an error, at once.
        (await Command.RunAsync("timeout", ["10", "ls", folder], Token)).Error.ShouldContain("not connected");
        await pier.StartAgainAsync(Token);
        await Eventually.TrueAsync(async () => (await Command.RunAsync("ls", [folder], Token)).Output.Trim() == "large.bin", "it is mounted again", Deadline, Token);
        MountTable.PointsBelow(folder).ShouldHaveSingleItem("the dead mount is gone");
        (await ReadAsync(folder, 5_000_000, 300_000)).AsSpan().SequenceEqual(content.AsSpan(5_000_000, 300_000)).ShouldBeTrue();

        var volume = (await ShowAsync(pier)).GetProperty("name").GetString()!;
        (await pier.RunAsync(Token, "volume", "prefetch", volume)).OrThrow();
        await source.StopAsync();
        Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(folder, "large.bin"), Token)))
            .ShouldBe(Convert.ToHexStringLower(SHA256.HashData(content)), "without anybody else");
        (await pier.RunAsync(Token, "umount", "--force", folder)).OrThrow();
        MountTable.PointsBelow(folder).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_read_outlives_its_only_seed()
    {
        await using var home = TempFolder.Create("mounted");
        var content = RandomNumberGenerator.GetBytes(8 << 20);
        await File.WriteAllBytesAsync(home.Below("data.bin"), content, Token);
        await using var source = await SeededTorrent.OfAsync(home, home.Below("data.bin"), "libtorrent", "hybrid");
        await using var pier = await PierProgram.StartAsync(Token);
        var folder = home.MakeFolder("mnt");
        (await pier.RunAsync(Token, "mount", source.Magnet, folder)).OrThrow();
        (await ReadAsync(folder, 0, 100_000)).ShouldBe(content[..100_000]);

        await source.StopAsync();
        var reading = Task.Run(() => ReadAsync(folder, 7_000_000, 100_000), Token);
        await Eventually.TrueAsync(async () => (await ShowAsync(pier)).GetProperty("waiting").GetInt32() > 0 || reading.IsCompleted, "a read waits", Deadline, Token);
        reading.IsCompleted.ShouldBeFalse();
        await source.StartAsync();

        (await reading.WaitAsync(Deadline, TimeProvider.System, Token)).ShouldBe(content[7_000_000..7_100_000]);
    }

    private static async Task<byte[]> ReadAsync(string folder, long offset, int length)
    {
        var file = Directory.GetFiles(folder).Single();
        using var handle = File.OpenHandle(file);
        var bytes = new byte[length];
        for (var done = 0; done < length;)
        {
            var read = await RandomAccess.ReadAsync(handle, bytes.AsMemory(done), offset + done, Token);
            read.ShouldBeGreaterThan(0);
            done += read;
        }

        return bytes;
    }

    private static async Task<JsonElement> ShowAsync(PierProgram pier) =>
        JsonDocument.Parse((await pier.RunAsync(Token, "volume", "ls", "--json")).OrThrow().Output).RootElement.GetProperty("volumes").EnumerateArray().Single();
}

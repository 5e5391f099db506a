using Pier.BitTorrent.Torrents;
using Pier.Cli;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Cli;

/// <summary><c>pier torrent</c>, which needs no daemon.</summary>
public sealed class TorrentCommandTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v1", true, false)]
    [InlineData("v2", false, true)]
    [InlineData("hybrid", true, true)]
    public async Task What_create_writes_show_reads(string format, bool v1, bool v2)
    {
        await using var folder = TempFolder.Create();
        await File.WriteAllBytesAsync(folder.Below("data.bin"), new byte[100_000], Cancel);
        var torrent = folder.Below("data.torrent");

        var created = await CliRun.OfAsync(
            "torrent", "create", folder.Below("data.bin"), "-o", torrent, "--format", format, "--tracker", "http://tracker.example/announce", "--piece-length", "64");
        var shown = await CliRun.OfAsync("torrent", "show", torrent);

        created.ExitCode.ShouldBe(ExitCode.Done, created.Error);
        shown.ExitCode.ShouldBe(ExitCode.Done, shown.Error);
        var metainfo = Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Cancel));
        (metainfo.HasV1, metainfo.HasV2, metainfo.PieceLength).ShouldBe((v1, v2, 64 << 10));
        shown.Output.ShouldContain("size      97.7 KiB (100000 bytes)");
        shown.Output.ShouldContain("tracker   http://tracker.example/announce");
        created.Output.ShouldContain("magnet:?xt=");
    }

    [Fact]
    public async Task What_is_no_torrent_is_refused_with_the_reason()
    {
        await using var folder = TempFolder.Create();
        await File.WriteAllTextAsync(folder.Below("x.torrent"), "<html>", Cancel);

        (await CliRun.OfAsync("torrent", "show", folder.Below("x.torrent"))).ExitCode.ShouldBe(ExitCode.Failed);
        (await CliRun.OfAsync("torrent", "show", folder.Below("missing"))).ExitCode.ShouldBe(ExitCode.NotFound);
        (await CliRun.OfAsync("torrent", "show", "magnet:?dn=x")).Error.ShouldContain("pier: the magnet link is refused");
        (await CliRun.OfAsync("torrent", "create", folder.Below("x.torrent"), "--piece-length", "17")).ExitCode.ShouldBe(ExitCode.Usage);
    }
}

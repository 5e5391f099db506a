using System.Globalization;
using Pier.BitTorrent;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.TestKit;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Engine;

/// <summary>Over one limited line, what a reader waits for comes before what is replicated meanwhile; both from libtorrent.</summary>
public sealed class PriorityTests
{
    private const int Rate = 4_000_000;
    private const int Waited = 12_000_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_waited_for_gets_nearly_all_of_the_line()
    {
        var options = new BitTorrentOptions { Limits = new EngineLimits { All = new TransferLimits(Down: Rate) } };
        await using var pier = await PierPeer.StartAsync(options, PeerDiscovery.None, Token);
        var (seed, metainfo, port) = await SeedAsync(pier, "background.bin", 60_000_000);
        await using var first = seed;
        var (otherSeed, other, otherPort) = await SeedAsync(pier, "waited.bin", Waited);
        await using var second = otherSeed;

        var background = await pier.BeginAsync(metainfo, port, Token);
        background.Priority = SwarmPriority.Background;
        await Eventually.TrueAsync(() => background.Statistics.Downloaded > Rate / 2, "the replication to be under way", PierPeer.Deadline, Token);
        var waited = await pier.BeginAsync(other, otherPort, Token);
        using var window = waited.Prioritise(new ByteRange(0, Waited));
        await Eventually.TrueAsync(() => waited.Statistics.Downloaded > 1 << 20, "the first bytes", PierPeer.Deadline, Token);
        var (before, rest) = (background.Statistics.Downloaded, Waited - waited.Statistics.Downloaded);
        await PierPeer.ExplainAsync(waited, waited.Completion.WaitAsync(PierPeer.Deadline, Token));

        var meanwhile = background.Statistics.Downloaded - before;
        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{meanwhile / 1e6:0.0} MB of the background while {rest / 1e6:0.0} MB came that were waited for"));
        ((double)meanwhile / rest).ShouldBeLessThan(0.25);
        await Eventually.TrueAsync(
            () => background.Statistics.DownloadRate > 0.5 * Rate, "the replication to have the line for itself again", PierPeer.Deadline, Token);
    }

    private static async Task<(ExternalProcess Seed, Metainfo Metainfo, int Port)> SeedAsync(PierPeer pier, string name, int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        await File.WriteAllBytesAsync(pier.Folder.Below(name), bytes, Token);
        var torrent = pier.Folder.Below($"{name}.torrent");
        await LibtorrentPeer.CreateAsync(pier.Folder.Below(name), torrent, "v1", Token);
        var port = FreePort.Next();
        var seed = await LibtorrentPeer.SeedAsync(torrent, pier.Folder.Path, port, Token);
        return (seed, Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)), port);
    }
}

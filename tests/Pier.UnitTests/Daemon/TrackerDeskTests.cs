using System.Text;
using Pier.Api;
using Pier.Api.Progress;
using Pier.Api.Seeds;
using Pier.TestKit;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Daemon;

/// <summary>The embedded tracker: this node's torrents, this node as a peer, nothing for strangers.</summary>
public sealed class TrackerDeskTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_names_this_node_for_its_own_torrents_and_refuses_others()
    {
        await using var folder = TempFolder.Create();
        await using var daemon = await TestDaemon.StartAsync(folder, new Uri("http://127.0.0.1:9/"), Cancel);
        await File.WriteAllBytesAsync(folder.Below("data.bin"), new byte[50_000], Cancel);
        SeedSummary? seed = null;
        await foreach (var line in daemon.Control.PostLinesAsync(
            ApiPaths.Seeds, new SeedRequest(folder.Below("data.bin")), ApiJson.Default.SeedRequest, Cancel))
        {
            seed = (line as SeedResult)?.Seed ?? seed;
        }
        var infoHash = seed.ShouldNotBeNull().InfoHash;

        byte[] known = [];
        await Eventually.TrueAsync(
            async () => Encoding.Latin1.GetString(known = await AnnounceAsync(daemon, infoHash)).Contains("8:completei1e", StringComparison.Ordinal),
            "the tracker to count this node among the seeds",
            TimeSpan.FromSeconds(30),
            Cancel);
        var strange = await AnnounceAsync(daemon, new string('a', 40));

        var port = daemon.Options.Peers!.Port;
        known.AsSpan().IndexOf((byte[])[127, 0, 0, 1, (byte)(port >> 8), (byte)port]).ShouldBeGreaterThan(0);
        Encoding.Latin1.GetString(strange).ShouldContain("failure reason");
        seed.Magnet.ShouldContain($"x.pe=127.0.0.1:{port}");
    }

    private static Task<byte[]> AnnounceAsync(TestDaemon daemon, string infoHash)
    {
        var escaped = string.Concat(Convert.FromHexString(infoHash).Select(value => $"%{value:x2}"));
        var query = $"/announce?info_hash={escaped}&peer_id=-XX0001-000000000000&port=51413&uploaded=0&downloaded=0&left=9&compact=1&event=started";
        return daemon.Http.GetByteArrayAsync(new Uri(daemon.Registry.ToString().TrimEnd('/') + query), Cancel);
    }
}

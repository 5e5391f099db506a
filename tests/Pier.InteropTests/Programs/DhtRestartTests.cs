using Pier.InteropTests.Engine;
using Pier.TestKit;
using Pier.TestKit.Files;

namespace Pier.InteropTests.Programs;

/// <summary>A <c>pierd</c> that was killed comes back into the DHT by the nodes it had kept, and finds there what a bare magnet link names.</summary>
public sealed class DhtRestartTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_node_needs_no_bootstrap_and_finds_a_torrent_by_its_name_alone()
    {
        await using var node = await PierPeer.StartInDhtAsync(bootstrap: null, Token);
        await using var seeder = await PierPeer.StartInDhtAsync(node.EndPoint.Port, Token);
        var (blob, magnet, _, _) = await seeder.SeedBlobAsync(1_000_001, tracker: null, Token);
        await using var home = TempFolder.Create("dht-restart");
        await using var pier = await PierProgram.StartAsync(Token, flags: ["--dht", "on", "--dht-bootstrap", $"127.0.0.1:{node.EndPoint.Port}"]);
        await Eventually.TrueAsync(async () => await pier.DhtNodesAsync(Token) > 0, "pierd to know a node", PierPeer.Deadline, Token);
        var kept = Path.Combine(pier.StateFolder, "dht.json");
        await Eventually.TrueAsync(() => File.Exists(kept), "the node to be kept", PierPeer.Deadline, Token);
        await Eventually.TrueAsync(() => node.Dht.StoredTorrents > 0, "the seeder to announce", PierPeer.Deadline, Token);

        await pier.KillAndStartAsync(["--dht", "on"], Token);
        (await pier.RunAsync(Token, "get", (magnet with { Peers = [], Trackers = [] }).ToString(), home.Below("got"))).OrThrow();

        (await File.ReadAllBytesAsync(home.Below("got"), Token)).AsSpan().SequenceEqual(blob).ShouldBeTrue();
        (await pier.DhtNodesAsync(Token)).ShouldBeGreaterThan(0);
    }
}

using System.Text.Json;
using Pier.BitTorrent.Torrents;
using Pier.InteropTests.Engine;
using Pier.TestKit;
using Pier.TestKit.Files;

namespace Pier.InteropTests.Programs;

/// <summary>What <c>pier limits set</c> says to a running <c>pierd</c>, as libtorrent feels it.</summary>
public sealed class LiveLimitsTests
{
    // At the limit it would take longer than anybody here waits.
    private const int Size = 12_000_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_limit_holds_until_it_is_lifted_and_a_seed_that_gave_enough_rests()
    {
        await using var home = TempFolder.Create("limits");
        var bytes = new byte[Size];
        new Random(4).NextBytes(bytes);
        await File.WriteAllBytesAsync(home.Below("data.bin"), bytes, Token);
        await using var pier = await PierProgram.StartAsync(Token);
        var torrent = home.Below("data.torrent");
        await pier.LinesAsync(Token, "seed", home.Below("data.bin"), "--format", "v1", "--torrent", torrent);
        var hash = Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)).Id.Primary.ToString();
        (await pier.LinesAsync(Token, "limits", "set", "host", "--up", "1 Mbit/s")).ShouldContain(line => line.StartsWith("host", StringComparison.Ordinal));

        var start = TimeProvider.System.GetTimestamp();
        var getting = OtherClient.GetAsync("libtorrent", torrent, home, "data.bin");
        await Eventually.TrueAsync(async () => (await SwarmAsync()).Uploaded > 200_000, "the first bytes", PierPeer.Deadline, Token);
        TimeProvider.System.GetElapsedTime(start).TotalSeconds.ShouldBeGreaterThan(1, "200 KB at 125 KB/s, a quarter of a second's worth at once");
        var peer = JsonDocument.Parse((await pier.RunAsync(Token, "swarm", "show", hash, "--json")).OrThrow().Output).RootElement
            .GetProperty("peers").EnumerateArray().ShouldHaveSingleItem();
        peer.GetProperty("client").GetString().ShouldStartWith("libtorrent/2");
        peer.GetProperty("class").GetString().ShouldBe("host");
        peer.GetProperty("uploaded").GetInt64().ShouldBeGreaterThan(0);
        (await pier.RunAsync(Token, "swarm", "show", hash)).OrThrow().Output.ShouldContain("libtorrent/2");
        await pier.LinesAsync(Token, "limits", "set", "host", "--up", "none");
        (await getting).AsSpan().SequenceEqual(bytes).ShouldBeTrue();

        (await pier.LinesAsync(Token, "limits", "set", hash, "--ratio", "1")).ShouldContain(line => line.Contains("to ratio 1", StringComparison.Ordinal));
        await Eventually.TrueAsync(async () => (await SwarmAsync()).State == "finished", "the seed to rest", PierPeer.Deadline, Token);
        await pier.LinesAsync(Token, "limits", "set", hash, "--ratio", "none");
        await Eventually.TrueAsync(async () => (await SwarmAsync()).State == "seeding", "the seed to wake", PierPeer.Deadline, Token);
        (await pier.RunAsync(Token, "limits", "set", "moon", "--up", "1M")).Error.ShouldContain("'moon' is no torrent");

        async Task<(string State, long Uploaded)> SwarmAsync()
        {
            var swarms = JsonDocument.Parse((await pier.RunAsync(Token, "swarm", "ls", "--json")).OrThrow().Output).RootElement.GetProperty("swarms");
            var swarm = swarms.EnumerateArray().Single(swarm => swarm.GetProperty("infoHash").GetString() == hash);
            return (swarm.GetProperty("state").GetString()!, swarm.GetProperty("uploaded").GetInt64());
        }
    }
}

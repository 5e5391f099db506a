using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Swarms;
using Pier.TestKit;
using Pier.UnitTests.BitTorrent.Storage;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>Limits and seeding goals between whole engines.</summary>
public sealed class LimitedSwarmTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_limit_holds_until_it_is_lifted(bool up)
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(6_000_000);
        var metainfo = Engines.BlobOf(bytes);
        var rate = new TransferLimits(Up: up ? 100_000 : null, Down: up ? null : 100_000);
        var limits = new EngineLimits { SameHost = rate };
        var seeder = await engines.StartAsync(Engines.Options with { Limits = up ? limits : EngineLimits.None });
        await engines.SeedAsync(seeder, metainfo, bytes);
        var leecher = await engines.StartAsync(Engines.Options with { Limits = up ? EngineLimits.None : limits });
        var storage = MemoryStorage.Empty(bytes.Length);
        var start = TimeProvider.System.GetTimestamp();
        var swarm = await leecher.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(storage)) with { Peers = [seeder.ListenEndPoint] }, Token);

        await Eventually.TrueAsync(() => swarm.Statistics.Downloaded > 250_000, "the first bytes", Engines.Deadline, Token);
        TimeProvider.System.GetElapsedTime(start).TotalSeconds.ShouldBeGreaterThan(1.5);
        swarm.Statistics.Peers.ShouldHaveSingleItem().Class.ShouldBe(PeerClass.SameHost);
        (up ? seeder : leecher).Limits = EngineLimits.None;

        // At the limit it would take a minute.
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
    }

    [Fact]
    public async Task A_seed_that_has_given_enough_rests_until_more_is_wanted()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(600_000);
        var metainfo = Engines.BlobOf(bytes);
        var seeder = await engines.StartAsync(Engines.Options with { SeedingGoal = new SeedingGoal(Ratio: 1) });
        var seed = await engines.SeedAsync(seeder, metainfo, bytes);
        await GetAsync();
        await Eventually.TrueAsync(() => seed.Statistics.State == SwarmState.Finished, "the seed to rest", Engines.Deadline, Token);
        await Eventually.TrueAsync(() => seed.Statistics.Peers.Count == 0, "its connections to close", Engines.Deadline, Token);
        engines.Logs.Entries.ShouldContain(entry => entry.Message.Contains("seeding goal reached", StringComparison.Ordinal));
        seed.SeedingGoal = new SeedingGoal(Ratio: 3);
        await Eventually.TrueAsync(() => seed.Statistics.State == SwarmState.Seeding, "the seed to wake", Engines.Deadline, Token);
        await GetAsync();

        async Task GetAsync()
        {
            var leecher = await engines.StartAsync();
            var spec = SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Empty(bytes.Length))) with { Peers = [seeder.ListenEndPoint] };
            await (await leecher.AddAsync(spec, Token)).Completion.WaitAsync(Engines.Deadline, Token);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_torrents_connections_are_bounded_live(bool own)
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(4_000_000);
        var metainfo = Engines.BlobOf(bytes);
        var slow = new TransferLimits(Up: 300_000);
        var limits = new EngineLimits { All = slow, Torrent = new TransferLimits(Connections: own ? null : 1) };
        var seeder = await engines.StartAsync(Engines.Options with { Limits = limits });
        var seed = await engines.SeedAsync(seeder, metainfo, bytes);
        seed.Limits = own ? new TransferLimits(Connections: 1) : TransferLimits.None;
        var spec = SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Empty(bytes.Length))) with { Peers = [seeder.ListenEndPoint] };
        await (await engines.StartAsync()).AddAsync(spec, Token);
        await Eventually.TrueAsync(() => seed.Statistics.Peers.Count == 1, "the first connection", Engines.Deadline, Token);

        var late = await engines.StartAsync();
        var second = await late.AddAsync(spec with { Storage = Engines.Holding(MemoryStorage.Empty(bytes.Length)) }, Token);
        await Eventually.TrueAsync(
            () => engines.Logs.Entries.Any(entry => entry.Message.Contains(" left: ", StringComparison.Ordinal)),
            "the second to be turned away", Engines.Deadline, Token);
        // Not at once: where the first was idle, the second has its place while its end is still to be told (BEP 40).
        await Eventually.TrueAsync(() => seed.Statistics.Peers.Count == 1, "one to be left", Engines.Deadline, Token);
        seed.Limits = new TransferLimits(Connections: 2);
        seeder.Limits = EngineLimits.None;
        await seed.AddPeersAsync([late.ListenEndPoint], Token);
        await second.Completion.WaitAsync(Engines.Deadline, Token);
    }

    [Fact]
    public async Task A_class_without_places_is_not_connected()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(100_000);
        var metainfo = Engines.BlobOf(bytes);
        var closed = new EngineLimits { SameHost = new TransferLimits(Connections: 0) };
        var seeder = await engines.StartAsync();
        await engines.SeedAsync(seeder, metainfo, bytes);
        var leecher = await engines.StartAsync(Engines.Options with { Limits = closed });
        var spec = SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Empty(bytes.Length))) with { Peers = [seeder.ListenEndPoint] };
        var swarm = await leecher.AddAsync(spec, Token);
        await Eventually.TrueAsync(
            () => engines.Logs.Entries.Any(entry => entry.Message.Contains("enough connections of its class", StringComparison.Ordinal)),
            "the connection to be given up", Engines.Deadline, Token);
        swarm.Statistics.Peers.ShouldBeEmpty();
        leecher.Limits = EngineLimits.None;
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
    }
}

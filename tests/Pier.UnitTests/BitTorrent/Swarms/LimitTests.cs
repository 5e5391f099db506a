using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Swarms;
using Pier.UnitTests.BitTorrent.Storage;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>Rate limits of the whole engine and of one torrent, in either direction, between real engines.</summary>
public sealed class LimitTests
{
    private const int Limit = 256 << 10;
    private const int Size = 768 << 10;

    // The first second's worth passes at once, and whoever is last does not wait for the debt of its last blocks.
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(0.9);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("engine up")]
    [InlineData("engine down")]
    [InlineData("torrent up")]
    [InlineData("torrent down")]
    public async Task A_limit_is_obeyed(string which)
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(Size);
        var metainfo = Engines.BlobOf(bytes);
        var seeder = await engines.StartAsync(Engines.Options with { Limits = All(up: which == "engine up" ? Limit : null) });
        var leecher = await engines.StartAsync(Engines.Options with { Limits = All(down: which == "engine down" ? Limit : null) });
        await seeder.AddAsync(
            SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Full(bytes))) with
            {
                Limits = new TransferLimits(Up: which == "torrent up" ? Limit : null),
            },
            Token);

        var start = TimeProvider.System.GetTimestamp();
        var storage = MemoryStorage.Empty(Size);
        var swarm = await leecher.AddAsync(
            SwarmSpec.For(metainfo, Engines.Holding(storage)) with
            {
                Peers = [seeder.ListenEndPoint],
                Limits = new TransferLimits(Down: which == "torrent down" ? Limit : null),
            },
            Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);

        TimeProvider.System.GetElapsedTime(start).ShouldBeGreaterThan(Least);
        storage.Bytes.AsSpan().SequenceEqual(bytes).ShouldBeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task All_torrents_share_the_engines_limit(bool up)
    {
        await using var engines = new Engines();
        var seeder = await engines.StartAsync(Engines.Options with { Limits = All(up: up ? 2 * Limit : null) });
        var leecher = await engines.StartAsync(Engines.Options with { Limits = All(down: up ? null : 2 * Limit) });
        var start = TimeProvider.System.GetTimestamp();

        // Each alone takes a second at most, both together three less what is under way when the debt is booked.
        var swarms = new List<Swarm>();
        for (var torrent = 1; torrent <= 2; torrent++)
        {
            swarms.Add(await TransferAsync(engines, seeder, leecher, Engines.RandomBytes(4 * Limit, torrent)));
        }
        await Task.WhenAll(swarms.Select(swarm => swarm.Completion)).WaitAsync(Engines.Deadline, Token);

        TimeProvider.System.GetElapsedTime(start).ShouldBeGreaterThan(TimeSpan.FromSeconds(1.5));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_torrents_own_limit_is_no_other_torrents(bool up)
    {
        await using var engines = new Engines();
        var seeder = await engines.StartAsync();
        var leecher = await engines.StartAsync();
        var slowBytes = Engines.RandomBytes(8 << 20, seed: 1);
        var slowInfo = Engines.BlobOf(slowBytes);
        await seeder.AddAsync(
            SwarmSpec.For(slowInfo, Engines.Holding(MemoryStorage.Full(slowBytes))) with { Limits = new TransferLimits(Up: up ? Limit : null) }, Token);
        var slow = await leecher.AddAsync(
            SwarmSpec.For(slowInfo, Engines.Holding(MemoryStorage.Empty(slowBytes.Length))) with
            {
                Peers = [seeder.ListenEndPoint],
                Limits = new TransferLimits(Down: up ? null : Limit),
            },
            Token);

        var free = await TransferAsync(engines, seeder, leecher, Engines.RandomBytes(8 << 20, seed: 2));
        await free.Completion.WaitAsync(Engines.Deadline, Token);

        slow.Completion.IsCompleted.ShouldBeFalse("at its limit it takes half a minute");
    }

    private static EngineLimits All(long? up = null, long? down = null) => new() { All = new TransferLimits(down, up) };

    private static async Task<Swarm> TransferAsync(
        Engines engines, BitTorrentEngine seeder, BitTorrentEngine leecher, byte[] bytes)
    {
        var metainfo = Engines.BlobOf(bytes);
        await engines.SeedAsync(seeder, metainfo, bytes);
        return await leecher.AddAsync(
            SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Empty(bytes.Length))) with { Peers = [seeder.ListenEndPoint] }, Token);
    }
}

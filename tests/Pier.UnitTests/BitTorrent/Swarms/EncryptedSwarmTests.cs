using System.Net;
using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Encryption;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Rendezvous;
using Pier.BitTorrent.Swarms;
using Pier.Content;
using Pier.TestKit;
using Pier.TestKit.Time;
using Pier.UnitTests.BitTorrent.Storage;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>Engines with encryption required, preferred or off meet each other, over IPv4 and IPv6.</summary>
public sealed class EncryptedSwarmTests
{
    private static readonly byte[] Bytes = Engines.RandomBytes(2_000_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(EncryptionPolicy.Require, EncryptionPolicy.Require)]
    [InlineData(EncryptionPolicy.Require, EncryptionPolicy.Prefer)]
    [InlineData(EncryptionPolicy.Prefer, EncryptionPolicy.Require)]
    [InlineData(EncryptionPolicy.Prefer, EncryptionPolicy.Off)]
    public async Task They_find_a_way(EncryptionPolicy seeding, EncryptionPolicy leeching)
    {
        await using var engines = new Engines();
        var (seeder, metainfo) = await SeedAsync(engines, Engines.Options with { Encryption = seeding });
        var leecher = await engines.StartAsync(Engines.Options with { Encryption = leeching });
        var storage = MemoryStorage.Empty(Bytes.Length);

        var swarm = await leecher.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(storage)) with { Peers = [seeder.ListenEndPoint] }, Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);

        storage.Bytes.ShouldBe(Bytes);
    }

    [Theory]
    [InlineData(EncryptionPolicy.Require, EncryptionPolicy.Off)]
    [InlineData(EncryptionPolicy.Off, EncryptionPolicy.Require)]
    public async Task Required_and_off_do_not_meet(EncryptionPolicy seeding, EncryptionPolicy leeching)
    {
        await using var engines = new Engines();
        var (seeder, metainfo) = await SeedAsync(engines, Engines.Options with { Encryption = seeding });
        var leecher = await engines.StartAsync(Engines.Options with { Encryption = leeching });

        var swarm = await leecher.AddAsync(
            SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Empty(Bytes.Length))) with { Peers = [seeder.ListenEndPoint] }, Token);

        await Eventually.TrueAsync(() => engines.Logs.Entries.Any(entry => entry.Message.StartsWith("Refused", StringComparison.Ordinal)), "the seeder refuses", Engines.Deadline, Token);
        await swarm.DisposeAsync();
        swarm.Statistics.State.ShouldBe(SwarmState.Stopped, "what is counted is told at the end");
        swarm.Statistics.Downloaded.ShouldBe(0);
    }

    [Fact]
    public async Task A_rendezvous_works_encrypted()
    {
        await using var engines = new Engines();
        var options = Engines.Options with { Encryption = EncryptionPolicy.Require };
        var id = RendezvousId.Compute("secret"u8, Digest.Compute(Bytes).Hex);
        var holder = await engines.StartAsync(options);
        await holder.AddAsync(SwarmSpec.For(Engines.BlobOf(Bytes), Engines.Holding(MemoryStorage.Full(Bytes))) with { RendezvousIds = [id] }, Token);
        var seeker = await engines.StartAsync(options);
        var storage = MemoryStorage.Empty(Bytes.Length);
        var found = new TaskCompletionSource<Swarm>();
        await using var search = seeker.Search(new RendezvousSpec
        {
            Id = id,
            Peers = [holder.ListenEndPoint],
            Claimed = async (claim, token) =>
            {
                var swarm = await seeker.AddAsync(new SwarmSpec { Id = claim.Id, Storage = Engines.Holding(storage) }, token);
                found.TrySetResult(swarm);
                return swarm;
            },
        });

        await (await found.Task.WaitAsync(Engines.Deadline, Token)).Completion.WaitAsync(Engines.Deadline, Token);

        storage.Bytes.ShouldBe(Bytes);
    }

    [Fact]
    public async Task Whoever_drips_the_opening_is_hung_up_on_in_time()
    {
        var clock = new ManualTimeProvider();
        var slow = new DrippedConnection();
        await using var engines = new Engines();
        await engines.StartAsync(time: clock, transport: slow);

        // Its time runs from when it came, which is before its first byte is asked for.
        for (var second = TimeSpan.FromSeconds(1); second < Engines.Options.HandshakeTimeout; second += TimeSpan.FromSeconds(1))
        {
            await slow.GiveAsync(Token);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        await slow.GiveAsync(Token);
        await slow.AskedAsync(Token);
        slow.HungUp.IsCompleted.ShouldBeFalse("a second before its time is over it is still listened to");

        clock.Advance(TimeSpan.FromSeconds(1));
        await slow.HungUp.WaitAsync(Engines.Deadline, Token);
    }

    [Fact]
    public async Task Peers_meet_over_ipv6_and_a_listener_of_both_families_takes_ipv4_too()
    {
        await using var engines = new Engines();
        var (seeder, metainfo) = await SeedAsync(engines, Engines.Options with { Listen = new IPEndPoint(IPAddress.IPv6Any, 0) });
        foreach (var address in new[] { IPAddress.IPv6Loopback, IPAddress.Loopback })
        {
            var leecher = await engines.StartAsync();
            var storage = MemoryStorage.Empty(Bytes.Length);
            var peer = new IPEndPoint(address, seeder.ListenEndPoint.Port);
            var swarm = await leecher.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(storage)) with { Peers = [peer] }, Token);
            await swarm.Completion.WaitAsync(Engines.Deadline, Token);
            storage.Bytes.ShouldBe(Bytes);
        }
    }

    private static async Task<(BitTorrentEngine Engine, Pier.BitTorrent.Torrents.Metainfo Metainfo)> SeedAsync(Engines engines, BitTorrentOptions options)
    {
        var metainfo = Engines.BlobOf(Bytes);
        var engine = await engines.StartAsync(options);
        await engines.SeedAsync(engine, metainfo, Bytes);
        return (engine, metainfo);
    }
}

using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Wire;
using Pier.UnitTests.BitTorrent.Storage;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>A super seed (BEP 16) sends little more than one copy to a swarm, and does not leave a lone peer waiting.</summary>
public sealed class SuperSeedingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Several_leechers_get_it_all_for_less_than_one_and_a_half_copies(int leechers)
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(16 << 20);
        var metainfo = Engines.BlobOf(bytes);
        var seeder = await engines.StartAsync();
        var seed = await seeder.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Full(bytes))) with { SuperSeed = true }, Token);
        var swarms = new List<Swarm>();
        var known = new List<System.Net.IPEndPoint>();
        for (var leecher = 0; leecher < leechers; leecher++)
        {
            var engine = await engines.StartAsync();
            var storage = MemoryStorage.Empty(bytes.Length);
            swarms.Add(await engine.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(storage)) with { Peers = [.. known] }, Token));
            known.Add(engine.ListenEndPoint);
        }

        foreach (var swarm in swarms)
        {
            await swarm.AddPeersAsync([seeder.ListenEndPoint], Token);
        }

        await Task.WhenAll(swarms.Select(swarm => swarm.Completion)).WaitAsync(Engines.Deadline, Token);
        await seeder.RemoveAsync(seed);
        seed.Statistics.Uploaded.ShouldBeInRange(bytes.Length, bytes.Length * 3L / 2);
    }

    [Fact]
    public async Task A_lone_leecher_gets_it_all()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(5_000_000);
        var metainfo = Engines.BlobOf(bytes);
        var seeder = await engines.StartAsync();
        await seeder.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Full(bytes))) with { SuperSeed = true }, Token);
        var leecher = await engines.StartAsync();
        var storage = MemoryStorage.Empty(bytes.Length);
        var swarm = await leecher.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(storage)) with { Peers = [seeder.ListenEndPoint] }, Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
        storage.Bytes.ShouldBe(bytes);
    }

    [Fact]
    public async Task Each_newcomer_is_told_of_other_pieces()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(16 << 20);
        var metainfo = Engines.BlobOf(bytes);
        var seeder = await engines.StartAsync();
        await seeder.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Full(bytes))) with { SuperSeed = true }, Token);
        var told = new HashSet<string>();
        using var first = await FakePeer.MeetAsync(seeder.ListenEndPoint, metainfo.Id.Primary, Token);
        using var second = await FakePeer.MeetAsync(seeder.ListenEndPoint, metainfo.Id.Primary, Token);
        using var third = await FakePeer.MeetAsync(seeder.ListenEndPoint, metainfo.Id.Primary, Token);
        foreach (var fake in new[] { first, second, third })
        {
            await fake.ExpectAsync(MessageId.HaveNone, Token).WaitAsync(Engines.Deadline, Token);
            for (var have = 0; have < 4; have++)
            {
                told.Add(Convert.ToHexString(await fake.ExpectAsync(MessageId.Have, Token).WaitAsync(Engines.Deadline, Token))).ShouldBeTrue();
            }
        }
    }
}

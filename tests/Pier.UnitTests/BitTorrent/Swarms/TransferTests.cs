using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.UnitTests.BitTorrent.Storage;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>Two engines on loopback: what one has, the other gets.</summary>
public sealed class TransferTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(16 * 1024)]
    [InlineData(256 * 1024)]
    [InlineData(5_000_001)]
    public async Task A_blob_torrent_travels_whole(int length)
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(length);
        var metainfo = Engines.BlobOf(bytes);
        var seeder = await engines.StartAsync();
        await engines.SeedAsync(seeder, metainfo, bytes);
        var leecher = await engines.StartAsync();
        var storage = MemoryStorage.Empty(length);

        var swarm = await leecher.AddAsync(
            SwarmSpec.For(metainfo, Engines.Holding(storage)) with { Peers = [seeder.ListenEndPoint] }, Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);

        storage.Bytes.ShouldBe(bytes);
        storage.Completions.ShouldBe(1);
        swarm.Statistics.HashFailures.ShouldBe(0);
    }

    [Fact]
    public async Task A_magnet_link_is_enough()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(3_000_000);
        var metainfo = Engines.BlobOf(bytes);
        var seeder = await engines.StartAsync();
        await engines.SeedAsync(seeder, metainfo, bytes);
        var leecher = await engines.StartAsync();
        var storage = MemoryStorage.Empty(bytes.Length);

        var swarm = await leecher.AddAsync(
            new SwarmSpec
            {
                Id = new TorrentId(metainfo.Id.V1, null),
                Storage = Engines.Holding(storage),
                Peers = [seeder.ListenEndPoint],
            },
            Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);

        storage.Bytes.ShouldBe(bytes);
        (await swarm.MetadataAsync(Token)).Info.ToArray().ShouldBe(metainfo.Info.ToArray());
    }
}

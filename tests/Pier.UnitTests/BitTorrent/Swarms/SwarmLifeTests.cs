using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;
using Pier.Content;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.UnitTests.BitTorrent.Storage;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>Trees of files, resuming, failing and stopping.</summary>
public sealed class SwarmLifeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(TorrentFormat.V1, false)]
    [InlineData(TorrentFormat.V2, false)]
    [InlineData(TorrentFormat.Hybrid, false)]
    [InlineData(TorrentFormat.V1, true)]
    [InlineData(TorrentFormat.V2, true)]
    [InlineData(TorrentFormat.Hybrid, true)]
    public async Task A_tree_of_files_travels_whole(TorrentFormat format, bool byMagnet)
    {
        await using var folder = TempFolder.Create();
        await using var engines = new Engines();
        var source = folder.MakeFolder("tree");
        (string Path, int Length)[] files = [("a.bin", 200_001), ("sub/b.bin", 65_536), ("sub/c/d.bin", 3), ("empty", 0), ("z.bin", 100_000)];
        foreach (var (path, length) in files)
        {
            var full = Path.Combine(source, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            await File.WriteAllBytesAsync(full, Engines.RandomBytes(length, length), Token);
        }

        var metainfo = await TorrentBuilder.CreateAsync(
            source, new TorrentCreationOptions { Format = format, PieceLength = 32 << 10 }, progress: null, Token);
        var seeder = await engines.StartAsync();
        await seeder.AddAsync(SwarmSpec.For(metainfo, Tree(source, new FileTreeOptions { IsSealed = true })), Token);
        var leecher = await engines.StartAsync();
        var target = folder.Below("got");
        var spec = byMagnet
            ? new SwarmSpec { Id = metainfo.Id, Storage = Tree(target, new FileTreeOptions()) }
            : SwarmSpec.For(metainfo, Tree(target, new FileTreeOptions()));

        var swarm = await leecher.AddAsync(spec with { Peers = [seeder.ListenEndPoint] }, Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);

        foreach (var (path, length) in files)
        {
            (await File.ReadAllBytesAsync(Path.Combine(target, path), Token)).ShouldBe(Engines.RandomBytes(length, length), path);
        }

        Directory.EnumerateFiles(target, "*.pier-part", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_peer_that_connects_again_takes_the_place_of_its_first_connection()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(100_000);
        var engine = await engines.StartAsync();
        var swarm = await engines.SeedAsync(engine, Engines.BlobOf(bytes), bytes);
        var self = PeerId.Create();
        using var first = await FakePeer.MeetAsync(engine.ListenEndPoint, swarm.Id.Primary, Token, self: self);
        await first.ExpectAsync(MessageId.HaveAll, Token).WaitAsync(Engines.Deadline, Token);

        using var second = await FakePeer.MeetAsync(engine.ListenEndPoint, swarm.Id.Primary, Token, self: self);

        await second.ExpectAsync(MessageId.HaveAll, Token).WaitAsync(Engines.Deadline, Token);
        await first.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
    }

    [Fact]
    public async Task What_is_held_is_not_fetched_again()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(1 << 20);
        var metainfo = Engines.BlobOf(bytes);
        var seeder = await engines.StartAsync();
        var seeding = await engines.SeedAsync(seeder, metainfo, bytes);
        var leecher = await engines.StartAsync();
        var half = bytes.ToArray();
        Array.Clear(half, 512 << 10, 512 << 10);
        var storage = new MemoryStorage(half) { Held = [new ByteRange(0, (512 << 10) + 5)] };

        var swarm = await leecher.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(storage)) with { Peers = [seeder.ListenEndPoint] }, Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);

        storage.Bytes.ShouldBe(bytes);
        await Eventually.TrueAsync(() => seeding.Statistics.Uploaded >= 512 << 10, "the seeder counted", Engines.Deadline, Token);
        seeding.Statistics.Uploaded.ShouldBe(512 << 10);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_here_already_is_not_read_before_the_first_peer_asks(bool isSealed)
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(1 << 20);
        var metainfo = Engines.BlobOf(bytes);
        var seeder = await engines.StartAsync();
        var storage = new MemoryStorage(bytes) { IsSealed = isSealed, Held = isSealed ? [] : [new ByteRange(0, bytes.Length)] };
        var seeding = await seeder.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(storage)), Token);
        await Eventually.TrueAsync(() => seeding.Statistics is { State: SwarmState.Seeding, PiecesHave: > 0 }, "it seeds", Engines.Deadline, Token);
        storage.Reads.ShouldBe(0);

        var leecher = await engines.StartAsync();
        var swarm = await leecher.AddAsync(
            SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Empty(bytes.Length))) with { Peers = [seeder.ListenEndPoint] }, Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
        storage.Reads.ShouldBeGreaterThan(0, "what peers ask for is read");
    }

    [Fact]
    public async Task What_came_by_another_way_is_checked_and_counts()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(1 << 20);
        var engine = await engines.StartAsync();
        var storage = MemoryStorage.Empty(bytes.Length);
        var swarm = await engine.AddAsync(SwarmSpec.For(Engines.BlobOf(bytes), Engines.Holding(storage)), Token);
        await Eventually.TrueAsync(() => swarm.Statistics.State == SwarmState.Downloading, "it is open", Engines.Deadline, Token);
        bytes.CopyTo(storage.Bytes, 0);
        storage.Bytes[0] ^= 1;
        await swarm.StoredElsewhereAsync(new ByteRange(0, bytes.Length), Token);
        await Eventually.TrueAsync(() => swarm.Statistics.PiecesHave == 3, "three good pieces", Engines.Deadline, Token);
        storage.Bytes[0] ^= 1;
        await swarm.StoredElsewhereAsync(new ByteRange(0, bytes.Length), Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
    }

    [Fact]
    public async Task A_full_disk_stops_the_torrent_with_its_cause()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(1 << 20);
        var metainfo = Engines.BlobOf(bytes);
        var seeder = await engines.StartAsync();
        await engines.SeedAsync(seeder, metainfo, bytes);
        var leecher = await engines.StartAsync();
        var storage = MemoryStorage.Empty(bytes.Length);
        storage.WriteFailure = new IOException("No space left on device");
        var swarm = await leecher.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(storage)) with { Peers = [seeder.ListenEndPoint] }, Token);
        var failure = await Should.ThrowAsync<SwarmException>(() => swarm.Completion.WaitAsync(Engines.Deadline, Token));
        failure.InnerException.ShouldBe(storage.WriteFailure);
        await Eventually.TrueAsync(() => swarm.Statistics.State == SwarmState.Failed, "it says so", Engines.Deadline, Token);
    }

    [Fact]
    public async Task Peers_of_a_swarm_serve_each_other()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(4 << 20);
        var metainfo = Engines.BlobOf(bytes);
        var seeder = await engines.StartAsync();
        await engines.SeedAsync(seeder, metainfo, bytes);
        var leechers = new List<(BitTorrentEngine Engine, MemoryStorage Storage)>();
        var swarms = new List<Swarm>();
        for (var index = 0; index < 3; index++)
        {
            leechers.Add((await engines.StartAsync(), MemoryStorage.Empty(bytes.Length)));
        }

        foreach (var (engine, storage) in leechers)
        {
            var others = leechers.Where(other => other.Engine != engine).Select(other => other.Engine.ListenEndPoint);
            swarms.Add(await engine.AddAsync(
                SwarmSpec.For(metainfo, Engines.Holding(storage)) with { Peers = [seeder.ListenEndPoint, .. others] }, Token));
        }

        await Task.WhenAll(swarms.Select(swarm => swarm.Completion)).WaitAsync(Engines.Deadline, Token);
        foreach (var (_, storage) in leechers)
        {
            storage.Bytes.AsSpan().SequenceEqual(bytes).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Removing_stops_closes_and_lets_it_be_added_again()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(1000);
        var metainfo = Engines.BlobOf(bytes);
        var engine = await engines.StartAsync();
        var storage = MemoryStorage.Empty(bytes.Length);
        var swarm = await engine.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(storage)), Token);
        await Eventually.TrueAsync(() => swarm.Statistics.State == SwarmState.Downloading, "it is open", Engines.Deadline, Token);
        (await engine.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(storage)), Token)).ShouldBeSameAs(swarm);
        await swarm.DisposeAsync();
        storage.IsDisposed.ShouldBeTrue();
        await Should.ThrowAsync<SwarmException>(() => swarm.Completion);
        engine.Swarms.ShouldBeEmpty();
        (await engine.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(storage)), Token)).ShouldNotBeSameAs(swarm);
    }

    private static StorageFactory Tree(string path, FileTreeOptions options) =>
        (metainfo, token) => FileTreeStorage.OpenAsync(metainfo, path, options, token);
}

using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Rendezvous;
using Pier.BitTorrent.Resting;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.TestKit;
using Pier.UnitTests.BitTorrent.Storage;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Resting;

/// <summary>Torrents of which only the names are in memory until a peer comes, between real engines.</summary>
public sealed class RestingTorrentTests : IAsyncDisposable
{
    private static readonly byte[] Bytes = Engines.RandomBytes(600_000);
    private static readonly Metainfo Torrent = Engines.BlobOf(Bytes);
    private static readonly InfoHash Rendezvous = RendezvousId.Compute(default, Torrent.Name);

    private readonly Engines _engines = new();
    private readonly List<MemoryStorage> _opened = [];
    private int _woken;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_wakes_it_by_its_own_name_or_its_twins(bool twin)
    {
        var seed = await _engines.StartAsync();
        seed.Rest(Resting());
        seed.Swarms.ShouldBeEmpty();
        _woken.ShouldBe(0);

        (await DownloadAsync(seed, twin ? V1Twin.Of(Torrent)! : Torrent)).ShouldBe(Bytes);

        _woken.ShouldBe(1);
    }

    [Fact]
    public async Task Who_knows_only_the_digest_meets_it_under_the_rendezvous_id()
    {
        var seed = await _engines.StartAsync();
        seed.Rest(Resting());
        var seeker = await _engines.StartAsync();
        var claimed = new TaskCompletionSource<TorrentId>();
        await using var search = seeker.Search(new RendezvousSpec
        {
            Id = Rendezvous,
            Peers = [seed.ListenEndPoint],
            Claimed = (claim, _) =>
            {
                claimed.TrySetResult(claim.Id);
                return ValueTask.FromResult<Swarm?>(null);
            },
        });

        (await claimed.Task.WaitAsync(Engines.Deadline, Token)).ShouldBe(Torrent.Id);
    }

    [Fact]
    public async Task It_rests_again_when_nobody_is_connected_and_wakes_for_the_next()
    {
        var seed = await _engines.StartAsync(Engines.Options with { RestAfter = TimeSpan.Zero });
        seed.Rest(Resting());

        (await DownloadAsync(seed, Torrent)).ShouldBe(Bytes);
        await Eventually.TrueAsync(() => seed.Swarms.Count == 0, "it rests again", Engines.Deadline, Token);
        await Eventually.TrueAsync(() => _opened.Single().IsDisposed, "its file is closed", Engines.Deadline, Token);
        (await DownloadAsync(seed, Torrent)).ShouldBe(Bytes);

        _woken.ShouldBe(2);
        seed.Resting.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Few_are_awake_at_once_and_the_longest_idle_makes_room()
    {
        var seed = await _engines.StartAsync(Engines.Options with { MaxAwake = 2 });
        var torrents = Enumerable.Range(1, 3).Select(number => Engines.RandomBytes(50_000, number)).Select(bytes => (Bytes: bytes, Torrent: Engines.BlobOf(bytes))).ToArray();
        foreach (var (bytes, torrent) in torrents)
        {
            seed.Rest(Resting(torrent, bytes));
        }

        foreach (var (_, torrent) in torrents)
        {
            (await seed.WakeAsync(torrent.Id, Token)).ShouldNotBeNull();
        }

        seed.Swarms.Select(swarm => swarm.Id).ShouldBe([torrents[1].Torrent.Id, torrents[2].Torrent.Id], ignoreOrder: true);
    }

    [Fact]
    public async Task One_whose_content_is_gone_wakes_to_nothing_and_stands_in_nobodys_way()
    {
        var engine = await _engines.StartAsync();
        engine.Rest(Resting() with { Wake = _ => ValueTask.FromResult<SwarmSpec?>(null) });
        (await engine.WakeAsync(Torrent.Id, Token)).ShouldBeNull();
        var other = await _engines.StartAsync();
        await _engines.SeedAsync(other, Torrent, Bytes);
        var storage = MemoryStorage.Empty(Bytes.Length);

        var swarm = await engine.AddAsync(SwarmSpec.For(Torrent, Engines.Holding(storage)) with { Peers = [other.ListenEndPoint] }, Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);

        storage.Bytes.ShouldBe(Bytes);
    }

    [Fact]
    public async Task A_running_torrent_is_not_met_under_a_name_that_only_the_resting_one_has()
    {
        var engine = await _engines.StartAsync();
        await _engines.SeedAsync(engine, Torrent, Bytes);
        engine.Rest(Resting());

        // Without 'pier' first, nothing of the torrent may be said under its rendezvous id.
        await Should.ThrowAsync<IOException>(() => FakePeer.MeetAsync(engine.ListenEndPoint, Rendezvous, Token));
    }

    [Fact]
    public async Task A_forgotten_one_is_not_met_any_more()
    {
        var engine = await _engines.StartAsync();
        engine.Rest(Resting());
        engine.Forget(Torrent.Id);

        engine.FindResting(Torrent.Id.Primary).ShouldBeNull();
        (await engine.WakeAsync(Torrent.Id, Token)).ShouldBeNull();
        _woken.ShouldBe(0);
    }

    public ValueTask DisposeAsync() => _engines.DisposeAsync();

    private RestingTorrent Resting() => Resting(Torrent, Bytes);

    private RestingTorrent Resting(Metainfo torrent, byte[] bytes)
    {
        var twin = V1Twin.Of(torrent)!;
        InfoHash[] rendezvous = [RendezvousId.Compute(default, torrent.Name)];
        return new RestingTorrent
        {
            Id = torrent.Id,
            Name = torrent.Name,
            Length = bytes.Length,
            WireHashes = [.. torrent.Id.WireHashes, .. twin.Id.WireHashes, .. rendezvous],
            Wake = _ =>
            {
                Interlocked.Increment(ref _woken);
                var storage = MemoryStorage.Full(bytes);
                _opened.Add(storage);
                return ValueTask.FromResult<SwarmSpec?>(SwarmSpec.For(torrent, Engines.Holding(storage)) with { Twin = twin, RendezvousIds = rendezvous });
            },
        };
    }

    private async Task<byte[]> DownloadAsync(BitTorrentEngine seed, Metainfo torrent)
    {
        var engine = await _engines.StartAsync();
        var storage = MemoryStorage.Empty(Bytes.Length);
        var swarm = await engine.AddAsync(SwarmSpec.For(torrent, Engines.Holding(storage)) with { Peers = [seed.ListenEndPoint] }, Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
        await engine.RemoveAsync(swarm);
        return storage.Bytes;
    }
}

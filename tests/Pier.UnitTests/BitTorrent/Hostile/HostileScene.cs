using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Transports;
using Pier.BitTorrent.Wire;
using Pier.TestKit;
using Pier.UnitTests.BitTorrent.Storage;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Hostile;

/// <summary>A real engine that lacks a blob, hostile peers that connect to it, and a good one that comes in the end.</summary>
internal sealed class HostileScene : IAsyncDisposable
{
    private readonly Engines _engines = new();

    private HostileScene(byte[] bytes)
    {
        Bytes = bytes;
        Metainfo = Engines.BlobOf(bytes);
        Storage = MemoryStorage.Empty(bytes.Length);
    }

    public byte[] Bytes { get; }

    public Metainfo Metainfo { get; }

    public MemoryStorage Storage { get; }

    public BitTorrentEngine Victim { get; private set; } = null!;

    public Swarm Swarm { get; private set; } = null!;

    public SwarmStatistics Now => Swarm.Statistics;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<HostileScene> StartAsync(BitTorrentOptions? options = null, bool knowsMetadata = true, TimeProvider? time = null, IPeerTransport? transport = null)
    {
        var scene = new HostileScene(Engines.RandomBytes(600_000));
        scene.Victim = await scene._engines.StartAsync(options, time, transport);
        var spec = SwarmSpec.For(scene.Metainfo, Engines.Holding(scene.Storage));
        scene.Swarm = await scene.Victim.AddAsync(knowsMetadata ? spec : spec with { Metainfo = null }, Token);
        var state = knowsMetadata ? SwarmState.Downloading : SwarmState.FetchingMetadata;
        await scene.UntilAsync(now => now.State == state, "the victim is ready");
        return scene;
    }

    public Task<FakePeer> MeetAsync(ReservedBits reserved = ReservedBits.Fast | ReservedBits.Extensions) =>
        FakePeer.MeetAsync(Victim.ListenEndPoint, Metainfo.Id.Primary, Token, reserved);

    /// <summary>Whether the engine has logged a text so often.</summary>
    public bool Logged(string text, int times = 1) =>
        _engines.Logs.Entries.Count(entry => entry.Message.Contains(text, StringComparison.Ordinal)) >= times;

    public async Task UntilAsync(Func<SwarmStatistics, bool> condition, string what)
    {
        try
        {
            await Eventually.TrueAsync(() => condition(Now), what, Engines.Deadline, Token);
        }
        catch (TimeoutException timeout)
        {
            var log = _engines.Logs.Entries.TakeLast(200).Select(entry => entry.Message);
            throw new TimeoutException($"{timeout.Message}\n{Now}, {string.Join(", ", Now.Peers)}\n{string.Join('\n', log)}", timeout);
        }
    }

    /// <summary>A good peer comes: the download is finished and right.</summary>
    public async Task GoodPeerFinishesAsync()
    {
        await AddGoodPeerAsync(MemoryStorage.Full(Bytes));
        await FinishesAsync();
    }

    /// <summary>A good peer comes.</summary>
    /// <param name="storage">Where it reads what it sends.</param>
    public async Task AddGoodPeerAsync(MemoryStorage storage)
    {
        var seeder = await _engines.StartAsync();
        var seed = await seeder.AddAsync(SwarmSpec.For(Metainfo, Engines.Holding(storage)), Token);
        await seed.Completion.WaitAsync(Engines.Deadline, Token);
        await Swarm.AddPeersAsync([seeder.ListenEndPoint], Token);
    }

    /// <summary>The download is finished and right.</summary>
    public async Task FinishesAsync()
    {
        await Swarm.Completion.WaitAsync(Engines.Deadline, Token);
        Storage.Bytes.ShouldBe(Bytes);
    }

    public ValueTask DisposeAsync() => _engines.DisposeAsync();
}

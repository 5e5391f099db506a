using System.Net;
using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Transports;
using Pier.Content;
using Pier.TestKit;
using Pier.TestKit.Logging;
using Pier.UnitTests.BitTorrent.Storage;

namespace Pier.UnitTests.BitTorrent;

/// <summary>Real engines on loopback and the torrents they trade in tests; disposed together.</summary>
internal sealed class Engines : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = Eventually.Patience;

    private readonly List<BitTorrentEngine> _engines = [];

    public CollectedLogs Logs { get; } = new();

    public static BitTorrentOptions Options { get; } = new() { Listen = new IPEndPoint(IPAddress.Loopback, 0) };

    public static byte[] RandomBytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static Metainfo BlobOf(byte[] bytes)
    {
        using var hasher = new BlobTorrentHasher(bytes.Length);
        hasher.Append(bytes);
        return hasher.Complete(Digest.Compute(bytes).Hex);
    }

    public static StorageFactory Holding(MemoryStorage storage) => (_, _) => ValueTask.FromResult<Pier.BitTorrent.Storage.ITorrentStorage>(storage);

    public async Task<BitTorrentEngine> StartAsync(BitTorrentOptions? options = null, TimeProvider? time = null, IPeerTransport? transport = null)
    {
        var engine = new BitTorrentEngine(options ?? Options, time ?? TimeProvider.System, Logs, transport ?? TcpPeerTransport.Instance);
        _engines.Add(engine);
        await engine.StartAsync(TestContext.Current.CancellationToken);
        return engine;
    }

    /// <summary>Adds a seed and returns once it is one: whoever comes sooner is told its pieces later, in other messages.</summary>
    public async Task<Swarm> SeedAsync(BitTorrentEngine engine, Metainfo metainfo, byte[] bytes)
    {
        var swarm = await engine.AddAsync(SwarmSpec.For(metainfo, Holding(MemoryStorage.Full(bytes))), TestContext.Current.CancellationToken);
        await swarm.Completion.WaitAsync(Deadline, TestContext.Current.CancellationToken);
        return swarm;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines)
        {
            await engine.DisposeAsync();
        }

        Logs.Dispose();
    }
}

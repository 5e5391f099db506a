using System.Buffers;
using Microsoft.Extensions.Logging.Abstractions;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Trackers;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>What the parts of a swarm need of an engine, where a test drives them by hand and no engine runs.</summary>
internal sealed class QuietServices : IDisposable
{
    private readonly TrackerClient _trackers = new(TimeProvider.System);

    public QuietServices(BitTorrentOptions? options = null, IPieceVerifier? verifier = null, TimeProvider? time = null)
    {
        options ??= Engines.Options;
        var connections = new ConnectionCount(options.MaxConnectionsPerSwarm, options.MaxConnectionsPerSwarm);
        Engine = new EngineServices(
            options, time ?? TimeProvider.System, NullLogger.Instance, PeerId.Create(), new PieceMemory(64 << 20, ArrayPool<byte>.Shared), verifier ?? new NoVerifier(), new BanList(), connections, _trackers);
    }

    public EngineServices Engine { get; }

    public void Dispose() => _trackers.Dispose();

    private sealed class NoVerifier : IPieceVerifier
    {
        public bool TryQueue(PieceJob job) => false;
    }
}

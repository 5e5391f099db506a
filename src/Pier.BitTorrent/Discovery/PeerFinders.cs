using System.Net;
using Pier.BitTorrent.Dht;
using Pier.BitTorrent.Lsd;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Discovery;

/// <summary>The ways of an engine to find peers without trackers.</summary>
internal sealed class PeerFinders : IAsyncDisposable
{
    /// <summary>The DHT; null where there is none.</summary>
    public DhtService? Dht { get; init; }

    /// <summary>The local network; null where it is not asked.</summary>
    public LsdService? Lsd { get; init; }

    /// <summary>Announces names and looks for their peers in every allowed way until the result is disposed of.</summary>
    /// <param name="allowed">Which ways.</param>
    /// <param name="names">Under which names.</param>
    /// <param name="found">Takes peers as they are found, from any thread; must not wait.</param>
    public IPeerSearch Follow(PeerDiscovery allowed, IEnumerable<InfoHash> names, Action<IReadOnlyList<IPEndPoint>, PeerSource> found)
    {
        (IPeerFinder? Way, PeerSource Source)[] ways =
        [
            (allowed.HasFlag(PeerDiscovery.Dht) ? Dht : null, PeerSource.Dht),
            (allowed.HasFlag(PeerDiscovery.Lsd) ? Lsd : null, PeerSource.Local),
        ];
        return new Searches(
        [
            .. from name in names
               from way in ways
               where way.Way is not null
               select way.Way.Follow(name, peers => found(peers, way.Source)),
        ]);
    }

    /// <summary>Begins, once the engine listens.</summary>
    public void Start()
    {
        Dht?.Start();
        Lsd?.Start();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Dht is not null)
        {
            await Dht.DisposeAsync();
        }

        if (Lsd is not null)
        {
            await Lsd.DisposeAsync();
        }
    }

    private sealed class Searches(IReadOnlyList<IPeerSearch> searches) : IPeerSearch
    {
        public void WantPeers()
        {
            foreach (var search in searches)
            {
                search.WantPeers();
            }
        }

        public void Dispose()
        {
            foreach (var search in searches)
            {
                search.Dispose();
            }
        }
    }
}

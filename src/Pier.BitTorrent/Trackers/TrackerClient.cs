using System.Net.Sockets;

namespace Pier.BitTorrent.Trackers;

/// <summary>Opens trackers by their addresses. All torrents of a process share one, so that a UDP tracker's connection serves them all.</summary>
public sealed class TrackerClient : IDisposable
{
    private const int MaxSharedTrackers = 1024;

    private readonly TimeProvider _time;
    private readonly HttpClient[] _http;
    private readonly HostLookup[] _lookups;
    private readonly Dictionary<string, (ITracker Tracker, UdpTracker[] Parts)> _shared = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <param name="time">The clock of deadlines.</param>
    /// <param name="bothFamilies">Whether peers reach us over IPv4 and over IPv6: then trackers that have a name are asked over both (BEP 7).</param>
    public TrackerClient(TimeProvider time, bool bothFamilies = false)
        : this(time, bothFamilies, TrackerHosts.System)
    {
    }

    internal TrackerClient(TimeProvider time, bool bothFamilies, HostLookup lookup)
    {
        _time = time;
        _lookups = bothFamilies
            ? [lookup, TrackerHosts.Only(AddressFamily.InterNetwork, lookup), TrackerHosts.Only(AddressFamily.InterNetworkV6, lookup)]
            : [lookup];
        _http = [.. _lookups.Select(TrackerHttp.CreateClient)];
    }

    /// <summary>The tracker at an address.</summary>
    /// <exception cref="TrackerException">Not an HTTP, HTTPS or UDP address.</exception>
    public ITracker Open(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri))
        {
            throw new TrackerException("(unreadable)", "its address is not a URL");
        }

        return uri.Scheme switch
        {
            "http" or "https" => Together([.. Ways(uri).Select(way => new HttpTracker(uri, _http[way], _time))]),
            "udp" when uri.Port > 0 => Share(uri),
            _ => throw new TrackerException($"{uri.Scheme}://{uri.Authority}", "only http, https, and udp with a port, are known"),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var http in _http)
        {
            http.Dispose();
        }

        lock (_lock)
        {
            foreach (var part in _shared.Values.SelectMany(shared => shared.Parts))
            {
                part.Dispose();
            }
        }
    }

    /// <summary>By which lookups an address is found: a literal one has its family, a name may have both.</summary>
    private int[] Ways(Uri address) => _lookups.Length == 1 || address.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 ? [0] : [1, 2];

    private ITracker Together(ITracker[] families) => families is [var four, var six] ? new DualTracker(four, six, _time) : families[0];

    private ITracker Share(Uri address)
    {
        lock (_lock)
        {
            if (!_shared.TryGetValue(address.AbsoluteUri, out var shared))
            {
                UdpTracker[] parts = [.. Ways(address).Select(way => new UdpTracker(address, _time) { Lookup = _lookups[way] })];
                shared = (Together(parts), parts);

                // Addresses come from torrents without end. One that is no longer shared closes its socket by itself.
                if (_shared.Count < MaxSharedTrackers)
                {
                    _shared[address.AbsoluteUri] = shared;
                }
            }

            return shared.Tracker;
        }
    }
}

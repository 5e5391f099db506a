namespace Pier.BitTorrent.Trackers;

/// <summary>Opens trackers by their addresses. All torrents of a process share one, so that a UDP tracker's connection serves them all.</summary>
public sealed class TrackerClient(TimeProvider time) : IDisposable
{
    private const int MaxSharedTrackers = 1024;

    private readonly HttpClient _http = TrackerHttp.CreateClient();
    private readonly Dictionary<string, UdpTracker> _shared = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

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
            "http" or "https" => new HttpTracker(uri, _http, time),
            "udp" when uri.Port > 0 => Share(uri),
            _ => throw new TrackerException($"{uri.Scheme}://{uri.Authority}", "only http, https, and udp with a port, are known"),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        lock (_lock)
        {
            foreach (var tracker in _shared.Values)
            {
                tracker.Dispose();
            }
        }
    }

    private UdpTracker Share(Uri address)
    {
        lock (_lock)
        {
            if (!_shared.TryGetValue(address.AbsoluteUri, out var tracker))
            {
                tracker = new UdpTracker(address, time);

                // Addresses come from torrents without end. One that is no longer shared closes its socket by itself.
                if (_shared.Count < MaxSharedTrackers)
                {
                    _shared[address.AbsoluteUri] = tracker;
                }
            }

            return tracker;
        }
    }
}

using System.Diagnostics.Metrics;

namespace Pier.Fetch.Status;

/// <summary>Counts what was in the store and what had to be fetched, and how long that took by where it came from.</summary>
internal sealed class FetchTelemetry : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _asked;
    private readonly Counter<long> _ended;
    private readonly Histogram<double> _seconds;

    /// <summary>Instruments of the host, or of nobody's.</summary>
    public FetchTelemetry(IMeterFactory? meters = null)
    {
        const string name = "Pier.Fetch";
        _meter = meters?.Create(name) ?? new Meter(name);
        _asked = _meter.CreateCounter<long>("pier.blob.requests", description: "Blobs that clients asked for: hit when the store held them, miss when not.");
        _ended = _meter.CreateCounter<long>("pier.fetch.ends", description: "Fetches that have ended: sealed or failed.");
        _seconds = _meter.CreateHistogram<double>("pier.fetch.seconds", description: "Seconds from the first request for a blob to its seal, by where most of it came from.");
    }

    /// <summary>A client asked for a blob.</summary>
    public void Asked(bool isHeld) => _asked.Add(1, new KeyValuePair<string, object?>("result", isHeld ? "hit" : "miss"));

    /// <summary>A fetch has ended.</summary>
    public void Ended(bool isSealed, SourceBytes sources, TimeSpan time)
    {
        _ended.Add(1, new KeyValuePair<string, object?>("result", isSealed ? "sealed" : "failed"));
        if (isSealed)
        {
            _seconds.Record(time.TotalSeconds, new KeyValuePair<string, object?>("source", Main(sources)));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static string Main(SourceBytes sources)
    {
        var most = Math.Max(Math.Max(sources.Swarm, sources.Members), Math.Max(sources.Ipfs, sources.Upstream));
        return most == 0 ? "cache" : most == sources.Swarm ? "swarm" : most == sources.Members ? "members" : most == sources.Ipfs ? "ipfs" : "upstream";
    }
}

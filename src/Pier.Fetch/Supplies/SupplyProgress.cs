using System.Collections.Concurrent;
using Pier.Fetch.Status;

namespace Pier.Fetch.Supplies;

/// <summary>How far all parts of one fetch are together.</summary>
internal sealed class SupplyProgress(TimeProvider time) : IProgress<PartProgress>
{
    private readonly ConcurrentDictionary<string, PartProgress> _parts = new(StringComparer.Ordinal);
    private readonly RateMeter _meter = new(time);
    private long _counted;

    /// <inheritdoc/>
    public void Report(PartProgress value)
    {
        _parts[value.Id] = value;
        var (done, _) = Sum();
        var before = Interlocked.Exchange(ref _counted, done);
        _meter.Add(Math.Max(0, done - before));
    }

    /// <summary>Bytes here, bytes of all as far as they are known, and bytes a second.</summary>
    public (long Done, long Total, double Rate) Read()
    {
        var (done, total) = Sum();
        return (done, total, _meter.Rate);
    }

    /// <summary>Where they came from, most first.</summary>
    public string Sources => _parts.Values.Aggregate(SourceBytes.None, (sum, part) => sum.Add(part.Sources)).Names;

    private (long Done, long Total) Sum() => (_parts.Values.Sum(part => part.Done), _parts.Values.Sum(part => part.Total));
}

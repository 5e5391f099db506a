using System.Globalization;
using Pier.BitTorrent.Swarms;

namespace Pier.Benchmarks.Swarm;

/// <summary>
/// Counts what this process allocates between the first and the last report of a swarm in mid-transfer, when all buffers have been
/// rented and no connection is being made. A swarm reports once a second.
/// </summary>
internal sealed class AllocationWatch(BitTorrent.Swarms.Swarm swarm, long total)
{
    private const int Block = 16 << 10;
    private const double From = 0.05;

    private (long Bytes, long Allocated)? _first;
    private (long Bytes, long Allocated) _last;

    /// <summary>Looks at the swarm ten times a second until stopped; cheap enough not to count.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        try
        {
            while (await tick.WaitForNextTickAsync(cancellationToken))
            {
                Look(swarm.Statistics);
            }
        }
        catch (OperationCanceledException)
        {
            // The transfer is over.
        }
    }

    /// <summary>The side's last line; nothing when the transfer was too short to tell.</summary>
    public string Report() => _first is { } first && _last.Bytes > first.Bytes
        ? string.Create(
            CultureInfo.InvariantCulture, $"ALLOCATED {(double)(_last.Allocated - first.Allocated) / ((_last.Bytes - first.Bytes) / Block):0.00}")
        : "";

    private void Look(SwarmStatistics now)
    {
        var bytes = Math.Max(now.Downloaded, now.Uploaded);
        if (bytes < total * From || bytes == _last.Bytes)
        {
            return;
        }

        var seen = (bytes, GC.GetTotalAllocatedBytes());
        _first ??= seen;
        _last = seen;
    }
}

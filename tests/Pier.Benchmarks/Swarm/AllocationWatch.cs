using System.Globalization;
using Pier.Benchmarks.Harness;

namespace Pier.Benchmarks.Swarm;

/// <summary>
/// Counts what this process allocates for each block, in short spells of the middle of a transfer. What blocks and pieces themselves
/// allocate shows in every spell; the median of them leaves out what comes now and then: compiled code, a first buffer, a thread's first
/// visit, the map that is saved with every 32 MiB (1.2 KB each time).
/// Each look stops all threads for a moment: a twentieth of a transfer's processor time goes there.
/// </summary>
/// <param name="bytes">Content that has passed so far.</param>
/// <param name="total">Content that will pass.</param>
internal sealed class AllocationWatch(Func<long> bytes, long total)
{
    private const int Block = 16 << 10;
    // Until then buffers for pieces are still made, and many spells have one.
    private const double From = 0.25;
    private const double Until = 0.95;
    private const long LeastSpell = 2 << 20;

    // Whoever could not look for so long, others having the processors, has a save of the map in most of his spells.
    private const long MostSpell = 16 << 20;
    private const int LeastSpells = 5;
    private static readonly TimeSpan Spell = TimeSpan.FromMilliseconds(10);

    private readonly List<double> _perBlock = new(1024);
    private (long Bytes, long Allocated)? _last;

    /// <summary>Looks until stopped.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(Spell, TimeProvider.System);
        try
        {
            while (await tick.WaitForNextTickAsync(cancellationToken))
            {
                Look(bytes());
            }
        }
        catch (OperationCanceledException)
        {
            // The transfer is over.
        }
    }

    /// <summary>The side's last line; nothing when the transfer was too short to tell.</summary>
    public string Report() => _perBlock.Count >= LeastSpells
        ? string.Create(CultureInfo.InvariantCulture, $"ALLOCATED {Statistics.Median(_perBlock):0.00}")
        : "";

    private void Look(long now)
    {
        if (now < total * From || now > total * Until || (_last is { } last && now - last.Bytes < LeastSpell))
        {
            return;
        }

        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        if (_last is { } before && now - before.Bytes <= MostSpell)
        {
            _perBlock.Add((allocated - before.Allocated) / ((now - before.Bytes) / (double)Block));
        }

        _last = (now, allocated);
    }
}

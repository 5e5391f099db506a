namespace Pier.Daemon.Containers;

/// <summary>What is to be done about content, one thing at a time: what has changed is dropped first, then what costs least is proved.</summary>
internal sealed class SeedQueue : IDisposable
{
    private const int MostWaiting = 1024;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly PriorityQueue<ContainerSeed, long> _waiting = new();
    private readonly Queue<SpoiledSeed> _spoiled = [];

    /// <summary>Content is to be proved; false when too much waits, of containers that are gone included.</summary>
    public bool TryProve(ContainerSeed seed, long cost)
    {
        lock (_gate)
        {
            if (_waiting.Count >= MostWaiting)
            {
                return false;
            }

            _waiting.Enqueue(seed, cost);
        }

        _signal.Release();
        return true;
    }

    /// <summary>Content is not what it was.</summary>
    public void Drop(SpoiledSeed spoiled)
    {
        lock (_gate)
        {
            _spoiled.Enqueue(spoiled);
        }

        _signal.Release();
    }

    /// <summary>The next thing: one of the two.</summary>
    public async Task<(SpoiledSeed? Spoiled, ContainerSeed? Waiting)> NextAsync(CancellationToken cancellationToken)
    {
        await _signal.WaitAsync(cancellationToken);
        lock (_gate)
        {
            return _spoiled.TryDequeue(out var spoiled) ? (spoiled, null) : (null, _waiting.Dequeue());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _signal.Dispose();
}

/// <summary>Content that is not what it was.</summary>
/// <param name="Seed">The content.</param>
/// <param name="Source">Where it was read then.</param>
/// <param name="How">What shows it.</param>
internal sealed record SpoiledSeed(ContainerSeed Seed, DataHolder? Source, string How);

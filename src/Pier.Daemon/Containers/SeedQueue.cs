namespace Pier.Daemon.Containers;

/// <summary>What is to be done about content, one thing at a time: what has changed is dropped first, then what costs least is proved.</summary>
internal sealed class SeedQueue : IDisposable
{
    private const int MostWaiting = 1024;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly PriorityQueue<ContainerSeed, long> _waiting = new();
    private readonly Queue<SpoiledSeed> _spoiled = [];

    /// <summary>Content is to be proved; false when too much waits.</summary>
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

    /// <summary>Content is not to be proved any more: no container has it.</summary>
    public void Forget(ContainerSeed seed)
    {
        lock (_gate)
        {
            _waiting.Remove(seed, out _, out _);
        }
    }

    /// <summary>The next thing: one of the two.</summary>
    public async Task<(SpoiledSeed? Spoiled, ContainerSeed? Waiting)> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _signal.WaitAsync(cancellationToken);
            lock (_gate)
            {
                if (_spoiled.TryDequeue(out var spoiled))
                {
                    return (spoiled, null);
                }

                // What was forgotten has signalled, too.
                if (_waiting.TryDequeue(out var waiting, out _))
                {
                    return (null, waiting);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _signal.Dispose();
}

/// <summary>Content that is not what it was.</summary>
/// <param name="Seed">The content.</param>
/// <param name="Source">Where it was read then.</param>
/// <param name="How">What shows it.</param>
internal sealed record SpoiledSeed(ContainerSeed Seed, DataHolder Source, string How);

namespace Pier.Daemon.Containers;

/// <summary>What is to be done about content: what has changed is dropped, and apart from that what waits is proved, what costs least first.</summary>
internal sealed class SeedQueue : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _proofs = new(0);
    private readonly SemaphoreSlim _drops = new(0);
    private readonly PriorityQueue<ContainerSeed, long> _waiting = new();
    private readonly Queue<SpoiledSeed> _spoiled = [];

    /// <summary>Content is to be proved. Whoever has it do so bounds how much there is.</summary>
    public void Prove(ContainerSeed seed, long cost)
    {
        lock (_gate)
        {
            _waiting.Enqueue(seed, cost);
        }

        _proofs.Release();
    }

    /// <summary>Content is not what it was.</summary>
    public void Drop(SpoiledSeed spoiled)
    {
        lock (_gate)
        {
            _spoiled.Enqueue(spoiled);
        }

        _drops.Release();
    }

    /// <summary>Content is not to be proved any more: no container has it.</summary>
    public void Forget(ContainerSeed seed)
    {
        lock (_gate)
        {
            _waiting.Remove(seed, out _, out _);
        }
    }

    /// <summary>The next content to be proved.</summary>
    public async Task<ContainerSeed> NextWaitingAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _proofs.WaitAsync(cancellationToken);
            lock (_gate)
            {
                // What was forgotten has signalled, too.
                if (_waiting.TryDequeue(out var waiting, out _))
                {
                    return waiting;
                }
            }
        }
    }

    /// <summary>The next content to be dropped.</summary>
    public async Task<SpoiledSeed> NextSpoiledAsync(CancellationToken cancellationToken)
    {
        await _drops.WaitAsync(cancellationToken);
        lock (_gate)
        {
            return _spoiled.Dequeue();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _proofs.Dispose();
        _drops.Dispose();
    }
}

/// <summary>Content that is not what it was.</summary>
/// <param name="Seed">The content.</param>
/// <param name="Source">Where it was read then.</param>
/// <param name="How">What shows it.</param>
internal sealed record SpoiledSeed(ContainerSeed Seed, DataHolder Source, string How);

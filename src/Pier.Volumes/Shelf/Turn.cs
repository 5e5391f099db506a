namespace Pier.Volumes.Shelf;

/// <summary>A turn among those who must not work at once; disposing gives it to the next.</summary>
internal readonly struct Turn(SemaphoreSlim gate) : IDisposable
{
    /// <summary>Waits for one.</summary>
    public static async Task<Turn> TakeAsync(SemaphoreSlim gate, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        return new Turn(gate);
    }

    /// <inheritdoc/>
    public void Dispose() => gate.Release();
}

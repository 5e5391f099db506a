using Pier.Content.Contracts;

namespace Pier.Volumes.Shelf;

/// <summary>Turns among those who must not work at a volume at once, until it ends: whoever still waits then is told.</summary>
/// <param name="name">The volume.</param>
internal sealed class Turns(string name) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>Whether it has ended. For who has a turn.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Waits for a turn; disposing it lets the next one come.</summary>
    /// <exception cref="ContentNotFoundException">It ended meanwhile.</exception>
    public async Task<Turn> TakeAsync(CancellationToken cancellationToken)
    {
        var turn = await TakeAnyAsync(cancellationToken);
        if (!IsEnded)
        {
            return turn;
        }

        turn.Dispose();
        throw new ContentNotFoundException($"The volume '{name}' is being removed.");
    }

    /// <summary>As <see cref="TakeAsync"/>, also when it has ended.</summary>
    public async Task<Turn> TakeAnyAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        return new Turn(_gate);
    }

    /// <summary>Ends it; whose turn it is says so.</summary>
    public void End() => IsEnded = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!IsEnded)
        {
            // After an end some still wait: each is told in its turn.
            _gate.Dispose();
        }
    }

    /// <summary>A turn.</summary>
    internal readonly struct Turn(SemaphoreSlim gate) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => gate.Release();
    }
}

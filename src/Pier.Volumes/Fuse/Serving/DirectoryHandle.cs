using Pier.Content.Contracts;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>
/// One open directory: goes on where it stopped, and starts again when it is asked for what lies behind. A place is the number
/// of the entry, so that it means the same to every server. One request at a time.
/// </summary>
internal sealed class DirectoryHandle(IContentTree tree, ulong node) : IAsyncDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private CancellationTokenSource? _listing;
    private IAsyncEnumerator<TreeNode>? _entries;
    private long _place;
    private bool _isAtEnd;

    /// <summary>Held while a request uses it.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>The entry at a place; null at the end.</summary>
    public async ValueTask<TreeNode?> AtAsync(long place, CancellationToken cancellationToken)
    {
        if (_entries is null || place < _place)
        {
            await RewindAsync();
            _listing = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
            _entries = tree.ReadDirectoryAsync(node, _listing.Token).GetAsyncEnumerator(_listing.Token);
            await StepAsync(cancellationToken);
        }

        while (_place < place && !_isAtEnd)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await StepAsync(cancellationToken);
            _place++;
        }

        return _isAtEnd ? null : _entries.Current;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        // A request lets go only after its answer, at which the kernel may close already; the gate itself holds nothing.
        await Gate.WaitAsync();
        try
        {
            await RewindAsync();
        }
        finally
        {
            Gate.Release();
            _closing.Dispose();
        }
    }

    private async ValueTask StepAsync(CancellationToken cancellationToken)
    {
        var stepping = _entries!.MoveNextAsync();
        if (stepping.IsCompletedSuccessfully)
        {
            _isAtEnd = !stepping.Result;
            return;
        }

        // What is listed may have to be looked up first. Whoever gives up ends that; the next one begins anew.
        var givingUp = cancellationToken.UnsafeRegister(static listing => ((CancellationTokenSource)listing!).Cancel(), _listing);
        try
        {
            _isAtEnd = !await stepping;
            await givingUp.DisposeAsync();
        }
        catch
        {
            await givingUp.DisposeAsync();
            await RewindAsync();
            throw;
        }
    }

    private async ValueTask RewindAsync()
    {
        if (_entries is { } entries)
        {
            _entries = null;
            await entries.DisposeAsync();
            _listing!.Dispose();
        }

        _place = 0;
        _isAtEnd = false;
    }
}

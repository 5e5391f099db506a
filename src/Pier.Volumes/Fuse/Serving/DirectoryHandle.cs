using Pier.Content.Contracts;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>
/// One open directory: goes on where it stopped, and starts again when it is asked for what lies behind. A place is the number
/// of the entry, so that it means the same to every server. One request at a time.
/// </summary>
internal sealed class DirectoryHandle(IContentTree tree, ulong node) : IAsyncDisposable
{
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
            _entries = tree.ReadDirectoryAsync(node, CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
            await StepAsync();
        }

        while (_place < place && !_isAtEnd)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await StepAsync();
            _place++;
        }

        return _isAtEnd ? null : _entries.Current;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // A request lets go only after its answer, at which the kernel may close already; the gate itself holds nothing.
        await Gate.WaitAsync();
        try
        {
            await RewindAsync();
        }
        finally
        {
            Gate.Release();
        }
    }

    private async ValueTask StepAsync() => _isAtEnd = !await _entries!.MoveNextAsync();

    private async ValueTask RewindAsync()
    {
        if (_entries is { } entries)
        {
            _entries = null;
            await entries.DisposeAsync();
        }

        _place = 0;
        _isAtEnd = false;
    }
}

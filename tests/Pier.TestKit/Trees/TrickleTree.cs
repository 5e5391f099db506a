using System.Runtime.CompilerServices;
using Pier.Content.Contracts;

namespace Pier.TestKit.Trees;

/// <summary>A tree over another whose bytes come when the test says: what an arriving torrent looks like to its readers.</summary>
public sealed class TrickleTree(IContentTree inner) : TreeOver(inner)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _here;
    private int _waiting;
    private string? _failure;

    /// <summary>Reads that wait now.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Lets every file's bytes below an offset be read.</summary>
    public void Let(long below) => Change(() => _here = below);

    /// <summary>Makes every read of what is not here fail.</summary>
    public void Fail(string why) => Change(() => _failure = why);

    public override async ValueTask<ITreeFile> OpenAsync(ulong file, CancellationToken cancellationToken)
    {
        var open = await base.OpenAsync(file, cancellationToken);
        return _here >= open.Length ? open : new TrickleFile(this, open);
    }

    private void Change(Action change)
    {
        lock (_gate)
        {
            change();
            _more.SetResult();
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private async ValueTask<long> UntilAsync(long offset, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            while (true)
            {
                Task more;
                lock (_gate)
                {
                    if (_here > offset)
                    {
                        return _here;
                    }

                    if (_failure is { } why)
                    {
                        throw new ContentUnavailableException(why);
                    }

                    more = _more.Task;
                }

                await more.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private sealed class TrickleFile(TrickleTree tree, ITreeFile inner) : ITreeFile
    {
        public long Length => inner.Length;

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        public async ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            if (offset >= Length)
            {
                return 0;
            }

            var here = await tree.UntilAsync(offset, cancellationToken);
            return await inner.ReadAtAsync(offset, buffer[..(int)Math.Min(buffer.Length, here - offset)], cancellationToken);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.UnitTests.Membership;

/// <summary>A blob whose readable part grows as the test says, or whose fetch fails.</summary>
internal sealed class GrowingBlob(byte[] bytes, int readable) : IContentReader
{
    private readonly Lock gate = new();
    private int readable = readable;
    private Exception? failure;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Digest Digest { get; } = Digest.Compute(bytes);

    public long Length => bytes.Length;

    public long Readable
    {
        get
        {
            lock (gate)
            {
                return readable;
            }
        }
    }

    public bool IsSealed => Readable == Length;

    public void GrowTo(int end) => Change(() => readable = end);

    public void Fail() => Change(() => failure = new ContentUnavailableException("The upstream is gone."));

    public async ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                var count = (int)Math.Min(buffer.Length, readable - offset);
                if (count > 0 || offset == Length)
                {
                    bytes.AsMemory((int)offset, count).CopyTo(buffer);
                    return count;
                }

                if (failure is not null)
                {
                    throw failure;
                }

                next = changed.Task;
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Change(Action change)
    {
        lock (gate)
        {
            change();
            var signal = changed;
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            signal.SetResult();
        }
    }
}

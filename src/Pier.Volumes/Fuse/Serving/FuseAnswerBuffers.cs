namespace Pier.Volumes.Fuse.Serving;

/// <summary>Buffers for answers, kept for the next in four sizes. Thread-safe.</summary>
internal sealed class FuseAnswerBuffers
{
    private const int KeptOfEach = 16;

    private readonly Lock _gate = new();
    private readonly (int Size, Stack<byte[]> Kept)[] _sizes =
    [
        (1 << 12, new Stack<byte[]>()), (1 << 15, new Stack<byte[]>()), (1 << 17, new Stack<byte[]>()), ((1 << 20) + (1 << 12), new Stack<byte[]>()),
    ];

    /// <summary>A buffer of at least so many bytes; what is in it is anything.</summary>
    public byte[] Rent(int length)
    {
        foreach (var (size, kept) in _sizes)
        {
            if (length <= size)
            {
                lock (_gate)
                {
                    if (kept.TryPop(out var buffer))
                    {
                        return buffer;
                    }
                }

                return GC.AllocateUninitializedArray<byte>(size, pinned: true);
            }
        }

        return GC.AllocateUninitializedArray<byte>(length);
    }

    /// <summary>Gives a buffer back.</summary>
    public void Return(byte[] buffer)
    {
        foreach (var (size, kept) in _sizes)
        {
            if (buffer.Length == size)
            {
                lock (_gate)
                {
                    if (kept.Count < KeptOfEach)
                    {
                        kept.Push(buffer);
                    }
                }
            }
        }
    }
}

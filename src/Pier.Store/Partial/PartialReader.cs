using Microsoft.Win32.SafeHandles;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Disk;

namespace Pier.Store.Partial;

/// <summary>Reads a blob while it arrives: waits for what is not readable yet, and goes on without a seam when it is sealed.</summary>
internal sealed class PartialReader : IContentReader
{
    private readonly PartialProgress _progress;
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private long _position;
    private volatile ContentMismatchException? _broken;

    public PartialReader(Digest digest, long length, FetchPriority priority, PartialProgress progress, SafeFileHandle file, string path)
    {
        Digest = digest;
        Length = length;
        Priority = priority;
        _progress = progress;
        _file = file;
        _path = path;
        progress.Add(this);
    }

    public Digest Digest { get; }

    public long Length { get; }

    public FetchPriority Priority { get; }

    public bool IsSealed => _progress.IsSealed;

    /// <summary>The offset after the last read, where the next is likely.</summary>
    public long Position => Interlocked.Read(ref _position);

    /// <summary>True once a byte was shown; guarded by the progress.</summary>
    public bool HasConsumed { get; set; }

    /// <summary>Set when bytes that this reader was shown turned out false.</summary>
    public ContentMismatchException? Broken
    {
        get => _broken;
        set => _broken = value;
    }

    public ValueTask<int> ReadAtAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (offset >= Length || buffer.IsEmpty)
        {
            return ValueTask.FromResult(0);
        }

        if (_progress.IsSealed && _broken is null)
        {
            return ValueTask.FromResult(Read(offset, buffer.Span));
        }

        var (readable, wait) = _progress.Claim(this, offset);
        return wait is null
            ? ValueTask.FromResult(Read(offset, Shorten(buffer, readable).Span))
            : WaitAndReadAsync(wait, buffer, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _progress.Remove(this);
        _file.Dispose();
        return ValueTask.CompletedTask;
    }

    public void ThrowIfBroken()
    {
        if (_broken is { } cause)
        {
            throw new ContentMismatchException(cause.Message, cause);
        }
    }

    private async ValueTask<int> WaitAndReadAsync(PartialWait wait, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await wait.Task.WaitAsync(cancellationToken);
            }
            finally
            {
                _progress.Forget(wait);
            }

            var (readable, next) = _progress.Claim(this, wait.Offset);
            if (next is null)
            {
                return Read(wait.Offset, Shorten(buffer, readable).Span);
            }

            wait = next;
        }
    }

    private int Read(long offset, Span<byte> buffer)
    {
        try
        {
            var count = RandomAccess.Read(_file, buffer, offset);
            Interlocked.Exchange(ref _position, offset + count);

            // The bytes may have been dropped as false between the claim and the read.
            ThrowIfBroken();
            return count;
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("read", _path, e);
        }
    }

    private static Memory<byte> Shorten(Memory<byte> buffer, long limit) => buffer.Length <= limit ? buffer : buffer[..(int)limit];
}

using Pier.Volumes.Fuse.Device;
using Pier.Volumes.Fuse.Protocol;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>
/// One request that is being answered: its answer's buffer, and whether the reader gave up. Reused; whoever handles a request
/// answers it exactly once.
/// </summary>
internal sealed class FuseCall
{
    private const int SmallAnswer = 256;

    private readonly FuseAnswerBuffers _buffers;
    private readonly TimeProvider _time;
    private readonly byte[] _small = GC.AllocateUninitializedArray<byte>(SmallAnswer, pinned: true);
    private byte[]? _large;
    private CancellationTokenSource _giveUp;
    private IFuseReplyPort? _port;

    public FuseCall(FuseAnswerBuffers buffers, TimeProvider time)
    {
        _buffers = buffers;
        _time = time;
        _giveUp = NewSource();
    }

    /// <summary>The request's name.</summary>
    public ulong Unique { get; private set; }

    /// <summary>The node that it is about.</summary>
    public ulong NodeId { get; private set; }

    /// <summary>Ends the work when the reader, or its patience, is gone.</summary>
    public CancellationToken GivenUp => _giveUp.Token;

    /// <summary>Whether the reader was interrupted.</summary>
    public bool IsInterrupted { get; private set; }

    /// <summary>Whether the request has been answered.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>What the kernel said of the answer: 0 when it took it.</summary>
    public int WriteErrno { get; private set; }

    /// <summary>Takes up a request.</summary>
    public void Begin(IFuseReplyPort port, in FuseHeader header)
    {
        _port = port;
        Unique = header.Unique;
        NodeId = header.NodeId;
        IsInterrupted = false;
        IsAnswered = false;
        WriteErrno = 0;
    }

    /// <summary>Room for the body of the answer.</summary>
    public Memory<byte> Body(int length)
    {
        if (FuseHeader.AnswerSize + length <= SmallAnswer)
        {
            return _small.AsMemory(FuseHeader.AnswerSize, length);
        }

        _large ??= _buffers.Rent(FuseHeader.AnswerSize + length);
        return _large.AsMemory(FuseHeader.AnswerSize, length);
    }

    /// <summary>Answers with the first bytes of the body that was asked for last.</summary>
    public void Answer(int length) => Send((_large ?? _small).AsSpan(0, FuseHeader.AnswerSize + length), 0);

    /// <summary>Answers with an error, or with nothing but success (0).</summary>
    public void Fail(int errno) => Send(_small.AsSpan(0, FuseHeader.AnswerSize), errno);

    /// <summary>Patience ends after this.</summary>
    public void WaitAtMost(TimeSpan patience) => _giveUp.CancelAfter(patience);

    /// <summary>The reader gave up. Under the lock of the table it was found in; whoever calls cancels the source afterwards.</summary>
    public CancellationTokenSource Interrupt()
    {
        IsInterrupted = true;
        return _giveUp;
    }

    /// <summary>Makes it ready for the next request, after it has left the table.</summary>
    public void End()
    {
        if (_large is { } large)
        {
            _large = null;
            _buffers.Return(large);
        }

        _port = null;
        if (IsInterrupted || !_giveUp.TryReset())
        {
            // Whoever interrupted it may still hold the old one.
            _giveUp = NewSource();
        }
    }

    private CancellationTokenSource NewSource() => new(Timeout.InfiniteTimeSpan, _time);

    private void Send(Span<byte> message, int errno)
    {
        if (IsAnswered)
        {
            throw new InvalidOperationException($"Request {Unique} was answered twice.");
        }

        IsAnswered = true;
        FuseHeader.WriteAnswer(message, errno, Unique);
        WriteErrno = _port!.Write(message);
    }
}

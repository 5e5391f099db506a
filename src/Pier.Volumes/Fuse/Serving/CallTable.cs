using Pier.Volumes.Fuse.Device;
using Pier.Volumes.Fuse.Protocol;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>The requests that are being answered, by their names, so that one can be interrupted. Thread-safe.</summary>
internal sealed class CallTable(TimeProvider time)
{
    private const int KeptIdle = 64;
    private const int EarlyInterrupts = 64;

    private readonly Lock _gate = new();
    private readonly FuseAnswerBuffers _buffers = new();
    private readonly Dictionary<ulong, FuseCall> _active = [];
    private readonly Stack<FuseCall> _idle = new();
    private readonly ulong[] _early = new ulong[EarlyInterrupts];
    private int _nextEarly;

    /// <summary>Requests that have no answer yet.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _active.Count;
            }
        }
    }

    /// <summary>Takes up a request.</summary>
    public FuseCall Begin(IFuseReplyPort port, in FuseHeader header)
    {
        CancellationTokenSource? gone = null;
        FuseCall call;
        lock (_gate)
        {
            call = _idle.TryPop(out var idle) ? idle : new FuseCall(_buffers, time);
            call.Begin(port, header);
            _active[header.Unique] = call;
            if (_early.AsSpan().Contains(header.Unique))
            {
                gone = call.Interrupt();
            }
        }

        gone?.Cancel();
        return call;
    }

    /// <summary>The request has been answered.</summary>
    public void End(FuseCall call)
    {
        lock (_gate)
        {
            _active.Remove(call.Unique);
        }

        call.End();
        lock (_gate)
        {
            if (_idle.Count < KeptIdle)
            {
                _idle.Push(call);
            }
        }
    }

    /// <summary>The reader of a request gave up. Another thread may not have come to the request itself yet: it is remembered.</summary>
    public void Interrupt(ulong unique)
    {
        CancellationTokenSource? gone = null;
        lock (_gate)
        {
            if (_active.TryGetValue(unique, out var call))
            {
                gone = call.Interrupt();
            }
            else
            {
                _early[_nextEarly] = unique;
                _nextEarly = (_nextEarly + 1) % EarlyInterrupts;
            }
        }

        gone?.Cancel();
    }

    /// <summary>Nobody waits any more.</summary>
    public void InterruptAll()
    {
        ulong[] all;
        lock (_gate)
        {
            all = [.. _active.Keys];
        }

        foreach (var unique in all)
        {
            Interrupt(unique);
        }
    }
}

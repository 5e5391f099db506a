using System.Net.Sockets;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Pier.BitTorrent.Transports;

/// <summary>
/// While bytes come fast, has the system wake a connection's reader once for many of them and not for each segment
/// (SO_RCVLOWAT, socket(7)). What stops half-way is handed over after a moment all the same.
/// </summary>
internal sealed class ReceiveThreshold : IDisposable
{
    private const int SocketLevel = 1;
    private const int LeastToWake = 18;

    // What comes within this time is waited for together: that is short beside what requests are kept on their way for.
    private static readonly TimeSpan Span = TimeSpan.FromMilliseconds(1.5);
    private const int Fewest = 128 << 10;
    private const int Most = 1 << 20;

    // Bytes after which the pace is looked at.
    private const long Sample = 1 << 20;

    // Who has waited for so long is given what is there.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private ITimer? _timer;
    private long _sampledAt;
    private long _sampled;
    private bool _hasRead;
    private int _bytes = 1;
    private bool _isClosed;

    private ReceiveThreshold(Socket socket, TimeProvider time)
    {
        _socket = socket;
        _time = time;
        _sampledAt = time.GetTimestamp();
    }

    /// <summary>The threshold of a connection; null where there is none.</summary>
    public static ReceiveThreshold? Of(Stream stream, TimeProvider time) =>
        stream is NetworkStream { Socket: var socket } && OperatingSystem.IsLinux() ? new ReceiveThreshold(socket, time) : null;

    /// <summary>Bytes for which the reader is woken.</summary>
    public int Bytes => Volatile.Read(ref _bytes);

    /// <summary>Bytes came, and others are about to be waited for.</summary>
    /// <param name="bytes">How many came.</param>
    /// <param name="expected">How many the other side was asked for and has yet to send.</param>
    public void Came(int bytes, long expected)
    {
        Volatile.Write(ref _hasRead, true);
        _sampled += bytes;
        if (_sampled >= Sample)
        {
            var now = _time.GetTimestamp();
            Set(Within(Span, _time.GetElapsedTime(_sampledAt, now)));
            (_sampled, _sampledAt) = (0, now);
        }

        if (expected < 2 * Bytes)
        {
            // The rest may be less than that.
            Set(1);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            _timer?.Dispose();
        }
    }

    // Doubles, so that a change of pace is not always a call.
    private int Within(TimeSpan span, TimeSpan elapsed)
    {
        var bytes = elapsed > TimeSpan.Zero ? Math.Min(_sampled * (span / elapsed), Most) : 0;
        return bytes < Fewest ? 1 : 1 << BitOperations.Log2((uint)bytes);
    }

    private void Set(int bytes)
    {
        if (bytes == Bytes)
        {
            return;
        }

        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            var wait = bytes > 1 ? Patience : Timeout.InfiniteTimeSpan;
            if (bytes > 1 != _bytes > 1)
            {
                _timer ??= _time.CreateTimer(static threshold => ((ReceiveThreshold)threshold!).Look(), this, wait, wait);
                _timer.Change(wait, wait);
            }

            _bytes = bytes;
            Apply(bytes);
        }
    }

    private void Look()
    {
        if (!Interlocked.Exchange(ref _hasRead, false))
        {
            // The system wakes the reader at once for what is there.
            Set(1);
        }
    }

    private void Apply(int bytes)
    {
        try
        {
            _socket.SetRawSocketOption(SocketLevel, LeastToWake, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in bytes)));
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // Its reader hears of it.
        }
    }
}

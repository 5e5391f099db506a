using System.Net.Sockets;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Pier.BitTorrent.Transports;

/// <summary>
/// How many bytes of blocks a connection is given at a time, and how many of them may wait unsent in the system (TCP_NOTSENT_LOWAT,
/// tcp(7)): few while they go slowly. Requests and news go out behind what was given before them, and on a line that several
/// connections share that could be a quarter of a second.
/// </summary>
internal sealed class SendThreshold
{
    /// <summary>The most that is given at a time: about what a socket takes at once; more would only leave the cache before it is sent.</summary>
    public const int Most = 256 << 10;

    /// <summary>The fewest: two blocks, one of which waits while the other goes.</summary>
    public const int Fewest = 32 << 10;

    private const int TcpLevel = 6;
    private const int MostUnsent = 25;

    // The system's own bound: many round trips of a fast connection.
    private const int Unbounded = 0;

    // What goes within this time is given together.
    private static readonly TimeSpan Span = TimeSpan.FromMilliseconds(15);

    // Bytes after which the pace is looked at.
    private const long Sample = 1 << 20;

    // Of each pause, as much counts: in a longer one the peer is choked, or wants nothing.
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    private readonly Socket? _socket;
    private readonly TimeProvider _time;
    private TimeSpan _taken;
    private long _sampled;
    private long _began;
    private long _ended;

    private SendThreshold(Socket? socket, TimeProvider time)
    {
        _socket = socket;
        _time = time;
        _ended = time.GetTimestamp();
        Set(Fewest);
    }

    /// <summary>The threshold of a connection; one that goes over no socket is only given less at a time.</summary>
    public static SendThreshold Of(Stream stream, TimeProvider time) =>
        new(OperatingSystem.IsLinux() ? DuplexStream.SocketOf(stream) : null, time);

    /// <summary>Bytes that are given at a time.</summary>
    public int Bytes { get; private set; }

    /// <summary>
    /// Blocks are about to be read. A short pause before is the line's, too: who asks for more as blocks come asks as slowly as they do.
    /// How long storage takes does not count.
    /// </summary>
    public void Reads()
    {
        var pause = _time.GetElapsedTime(_ended);
        _taken += pause < LongestPause ? pause : LongestPause;
    }

    /// <summary>They have been read, and are about to be written.</summary>
    public void Writes() => _began = _time.GetTimestamp();

    /// <summary>The connection took so many bytes.</summary>
    public void Took(int bytes)
    {
        _ended = _time.GetTimestamp();
        _taken += _time.GetElapsedTime(_began, _ended);
        _sampled += bytes;
        if (_sampled < Sample)
        {
            return;
        }

        var paced = Within(Span);
        (_sampled, _taken) = (0, TimeSpan.Zero);
        if (paced != Bytes)
        {
            Set(paced);
        }
    }

    // Doubles, so that a change of pace is not always a call.
    private int Within(TimeSpan span) =>
        _taken > TimeSpan.Zero ? 1 << BitOperations.Log2((uint)Math.Clamp(_sampled * (span / _taken), Fewest, Most)) : Most;

    private void Set(int bytes)
    {
        Bytes = bytes;
        var unsent = bytes == Most ? Unbounded : bytes / 2;
        try
        {
            _socket?.SetRawSocketOption(TcpLevel, MostUnsent, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in unsent)));
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // Its sender hears of it.
        }
    }
}

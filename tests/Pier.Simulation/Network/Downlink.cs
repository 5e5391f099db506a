using Pier.Simulation.Clock;

namespace Pier.Simulation.Network;

/// <summary>A node's receiving side: what comes queues up before its cap.</summary>
/// <param name="bytesPerSecond">The cap.</param>
/// <param name="latency">Nanoseconds from a sender to here.</param>
/// <param name="blockSize">Bytes of a block.</param>
internal sealed class Downlink(double bytesPerSecond, long latency, int blockSize)
{
    // How far senders may run ahead: two blocks, or two milliseconds where blocks are small, as windows of TCP do.
    private readonly long _slack = Math.Max((long)(2 * blockSize / bytesPerSecond * SimulatedTime.Second), 2 * SimulatedTime.Millisecond);
    private long _freeAt;
    private long _owed;

    /// <summary>Its node is up.</summary>
    public bool IsUp { get; set; }

    /// <summary>When a sender may begin with another block.</summary>
    public long ReadyAt => _freeAt - latency - _slack;

    /// <summary>Bytes of blocks received.</summary>
    public long Received { get; private set; }

    /// <summary>Books bytes of messages, which take their time before the next block.</summary>
    public void Hear(int bytes) => _owed += bytes;

    /// <summary>Takes a block in as it comes.</summary>
    /// <param name="first">When its first byte is here.</param>
    /// <param name="last">When its last byte is here at the earliest.</param>
    /// <param name="bytes">Its bytes on the wire.</param>
    /// <returns>When all of it is here.</returns>
    public long Receive(long first, long last, int bytes)
    {
        Received += bytes;
        _freeAt = Math.Max(_freeAt, first) + (long)((bytes + _owed) / bytesPerSecond * SimulatedTime.Second);
        _owed = 0;
        return Math.Max(_freeAt, last);
    }
}

using Pier.Simulation.Clock;

namespace Pier.Simulation.Network;

/// <summary>
/// A node's sending side: its connections take turns, a block each, as fast as the node's cap allows. A connection whose receiver
/// is behind waits meanwhile, as TCP would make it.
/// </summary>
internal sealed class Uplink(SimulatedNetwork network, int node, double bytesPerSecond)
{
    // What a kernel takes from a program for a peer that has fallen silent.
    private const int SocketBuffer = 1 << 20;

    private readonly List<SimulatedLink> _active = [];
    private int _turn;
    private long _freeAt;
    private long _wakeAt = long.MaxValue;
    private long _owed;

    /// <summary>Bytes of blocks sent.</summary>
    public long Sent { get; private set; }

    /// <summary>Bytes of everything else sent, block headers included.</summary>
    public long Control { get; private set; }

    /// <summary>Books bytes of messages, which take their time before the next block.</summary>
    public void Say(int bytes)
    {
        Control += bytes;
        _owed += bytes;
    }

    /// <summary>A link has blocks to send.</summary>
    public void Activate(SimulatedLink link)
    {
        if (!link.IsActive)
        {
            link.IsActive = true;
            _active.Add(link);
        }

        if (network.Time.Now >= _freeAt)
        {
            Pump();
        }
    }

    /// <summary>It may be time to send again.</summary>
    public void Wake()
    {
        if (network.Time.Now >= _wakeAt)
        {
            _wakeAt = long.MaxValue;
        }

        if (network.Time.Now >= _freeAt)
        {
            Pump();
        }
        else
        {
            WakeAt(_freeAt);
        }
    }

    private void Pump()
    {
        var earliest = long.MaxValue;
        for (var tried = 0; tried < _active.Count;)
        {
            _turn = _turn < _active.Count ? _turn : 0;
            var link = _active[_turn];
            if (link.IsClosed || !link.HasUploads)
            {
                link.IsActive = false;
                _active.RemoveAt(_turn);
                continue;
            }

            var due = DueOf(link);
            if (due <= network.Time.Now)
            {
                _turn++;
                Send(link);
                return;
            }

            earliest = Math.Min(earliest, due);
            _turn++;
            tried++;
        }

        WakeAt(earliest);
    }

    private long DueOf(SimulatedLink link)
    {
        if (network.IsCut(link))
        {
            return long.MaxValue;
        }

        var receiver = link.FarDownlink;
        return receiver.IsUp ? receiver.ReadyAt : link.SentIntoVoid < SocketBuffer ? 0 : long.MaxValue;
    }

    private void Send(SimulatedLink link)
    {
        var (block, bytes) = link.TakeUpload();
        var headers = MessageSize.Headers(bytes);
        var onWire = bytes + headers + _owed;
        Sent += bytes;
        Control += headers;
        _owed = 0;
        var began = network.Time.Now;
        _freeAt = began + (long)(onWire / bytesPerSecond * SimulatedTime.Second);
        var receiver = link.FarDownlink;
        if (receiver.IsUp)
        {
            var arrives = receiver.Receive(began + network.Latency, _freeAt + network.Latency, bytes + headers);
            network.Queue.Add(arrives, EventKind.Block, link.FarId, block);
        }
        else
        {
            link.SentIntoVoid += bytes;
        }

        WakeAt(_freeAt);
    }

    private void WakeAt(long at)
    {
        if (at < _wakeAt)
        {
            _wakeAt = at;
            network.Queue.Add(at, EventKind.Uplink, node);
        }
    }
}

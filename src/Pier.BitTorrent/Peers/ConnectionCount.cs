using Pier.BitTorrent.Limits;

namespace Pier.BitTorrent.Peers;

/// <summary>Bounds the connections of an engine, those of each class of peers, and how many are being made at once.</summary>
internal sealed class ConnectionCount(int maxOpen, int maxDials)
{
    private readonly int[] _ofClass = new int[BandwidthGate.Classes];
    private volatile EngineLimits _limits = EngineLimits.None;
    private int _open;
    private int _dials;

    /// <summary>Sets bounds instead of, or beside, those it was made with; connections that are open stay.</summary>
    public void Limit(EngineLimits limits) => _limits = limits;

    /// <summary>Takes a place for a connection; false when there is none.</summary>
    public bool TryOpen() => TryTake(ref _open, _limits.All.Connections ?? maxOpen);

    /// <summary>Gives the place back.</summary>
    public void Close() => Interlocked.Decrement(ref _open);

    /// <summary>Whether a peer of this class would find a place among its like.</summary>
    public bool HasRoom(PeerClass peers) => Volatile.Read(ref _ofClass[(int)peers]) < (_limits.Of(peers).Connections ?? int.MaxValue);

    /// <summary>Takes a place among its like; false when there is none.</summary>
    public bool TryEnter(PeerClass peers) => TryTake(ref _ofClass[(int)peers], _limits.Of(peers).Connections ?? int.MaxValue);

    /// <summary>Gives that place back.</summary>
    public void Leave(PeerClass peers) => Interlocked.Decrement(ref _ofClass[(int)peers]);

    /// <summary>Takes a place for making a connection; false when there is none.</summary>
    public bool TryDial() => TryTake(ref _dials, maxDials);

    /// <summary>Gives the place back.</summary>
    public void EndDial() => Interlocked.Decrement(ref _dials);

    private static bool TryTake(ref int count, int max)
    {
        if (Interlocked.Increment(ref count) <= max)
        {
            return true;
        }

        Interlocked.Decrement(ref count);
        return false;
    }
}

namespace Pier.BitTorrent.Limits;

/// <summary>One direction of one connection at a <see cref="BandwidthGate"/>. Asks by one thread at a time.</summary>
internal sealed class BandwidthFlow(BandwidthGate gate, BandwidthGroup group, PeerClass peers, Action granted) : IDisposable
{
    /// <summary>Bytes to ask for at once: small where limits are tight, so that turns change often, large where they are not.</summary>
    public int Quantum => gate.QuantumOf(this);

    internal BandwidthGroup Group => group;

    internal PeerClass Peers => peers;

    /// <summary>Called under the gate's lock.</summary>
    internal Action Granted => granted;

    /// <summary>Bytes asked for; under the gate's lock, as all that follows.</summary>
    internal long Wanted { get; set; }

    internal bool IsWaiting { get; set; }

    internal bool IsClosed { get; set; }

    /// <summary>Its place in the queue of its torrent.</summary>
    internal long Turn { get; set; }

    /// <summary>Asks for bytes that are about to pass, or have passed just now.</summary>
    /// <returns>True when they may at once; else <c>granted</c> is called when they may.</returns>
    public bool TryTake(long bytes) => gate.TryTake(this, bytes);

    /// <summary>Gives back bytes that were granted and did not pass.</summary>
    public void GiveBack(long bytes) => gate.GiveBack(this, bytes);

    /// <summary>Asks for nothing any more.</summary>
    public void Dispose() => gate.Close(this);
}

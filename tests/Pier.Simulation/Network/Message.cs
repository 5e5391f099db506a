using Pier.BitTorrent.Peers;

namespace Pier.Simulation.Network;

/// <summary>A message on its way. Plain numbers, because there are hundreds of millions.</summary>
/// <param name="Node">Who gets it.</param>
/// <param name="Link">By which of its ends of connections.</param>
/// <param name="Kind">What it says.</param>
/// <param name="Bytes">Its size on the wire.</param>
/// <param name="Index">A piece, or the place of a payload.</param>
/// <param name="Detail">A block.</param>
internal readonly record struct Message(int Node, int Link, MessageKind Kind, int Bytes, int Index, int Detail);

/// <summary>What messages say: a <see cref="PeerFactKind"/> as it is, or one of these, which connections deal with themselves.</summary>
internal enum MessageKind
{
    /// <summary>A fact that is news for the swarm; the least of them.</summary>
    FirstFact = 0,

    /// <summary>Send this block.</summary>
    Request = 100,

    /// <summary>The block is no longer wanted.</summary>
    Cancel = 101,

    /// <summary>The block will not be sent.</summary>
    Reject = 102,

    /// <summary>Nothing, but that the sender lives.</summary>
    KeepAlive = 103,
}

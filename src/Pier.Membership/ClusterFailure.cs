namespace Pier.Membership;

/// <summary>Why a cluster could not be founded, joined or restored.</summary>
public enum ClusterFailure
{
    /// <summary>Nobody answers at the address; trying again later may help.</summary>
    Unreachable,

    /// <summary>Whoever answers has another key than the join token names.</summary>
    WrongNode,

    /// <summary>The node is the right one and refuses this node's proof, or has no room for it.</summary>
    Refused,

    /// <summary>This node is in a cluster already.</summary>
    AlreadyMember,

    /// <summary>This node is in no cluster.</summary>
    NotMember,

    /// <summary>The node port cannot be opened.</summary>
    PortTaken,

    /// <summary>A file below <c>cluster/</c> is unreadable or malformed.</summary>
    State,
}

namespace Pier.Fetch.Ladder;

/// <summary>What to do next on the ladder.</summary>
internal enum LadderAction
{
    /// <summary>Nothing until <see cref="LadderStep.WakeAt"/> or an event.</summary>
    Wait,

    /// <summary>Ask the members who has the blob.</summary>
    Search,

    /// <summary>Start the next peer that said yes.</summary>
    StartPeer,

    /// <summary>Look for strangers by the digest alone.</summary>
    Meet,

    /// <summary>Start the next swarm that strangers claim.</summary>
    StartStranger,

    /// <summary>Ask for a turn and start what the answer says.</summary>
    StartUpstream,

    /// <summary>Stop the peer leg: it stands still.</summary>
    DropPeer,

    /// <summary>Stop the upstream leg: it stands still.</summary>
    DropUpstream,

    /// <summary>Stop the upstream leg: the peers deliver, so it lost.</summary>
    YieldUpstream,

    /// <summary>Stop the peer leg: it is slow and the upstream delivers, so it lost.</summary>
    YieldPeer,

    /// <summary>Tell the clients that nobody can deliver.</summary>
    GiveUp,
}

/// <summary>One decision: the action, or how long to wait for an event.</summary>
/// <param name="Action">What to do.</param>
/// <param name="WakeAt">For <see cref="LadderAction.Wait"/>: when to decide again at the latest.</param>
internal readonly record struct LadderStep(LadderAction Action, TimeSpan WakeAt);

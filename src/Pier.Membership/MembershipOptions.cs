using System.Net;

namespace Pier.Membership;

/// <summary>How this node takes part in a cluster.</summary>
public sealed record MembershipOptions
{
    /// <summary>The state folder: <c>node.pem</c> and <c>cluster/</c> live there (design §5).</summary>
    public required string StateFolder { get; init; }

    /// <summary>The node's name for people.</summary>
    public string Name { get; init; } = Environment.MachineName;

    /// <summary>Where the node port listens once it is open. Port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.IPv6Any, Joining.JoinTarget.DefaultPort);

    /// <summary>The address under which others reach this node; null lets each of them take the one it sees.</summary>
    public IPAddress? Advertise { get; init; }

    /// <summary>Port of the BitTorrent engine under the same address; null while it listens on loopback only.</summary>
    public int? PeerPort { get; init; }

    /// <summary>The cluster to join at start; a node that cannot be reached yet is tried until it can.</summary>
    public Joining.JoinTarget? Join { get; init; }

    /// <summary>Between two heartbeats to the same member.</summary>
    public TimeSpan HeartbeatEvery { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Silence after which a member counts as dead; with the check's own second it is noticed well within 15 s.</summary>
    public TimeSpan DeadAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Silence after which a dead member is forgotten; should it return, it joins again by itself.</summary>
    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How long a referee may take to answer (design §3.5) when it has missed a heartbeat; one that spoke just now is slow rather
    /// than gone and gets <see cref="AnswerPatience"/>.
    /// </summary>
    public TimeSpan RefereePatience { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How long a single member may take for a small answer: holding, manifest, tag, heartbeat, ruling.</summary>
    public TimeSpan AnswerPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a member may take to each of the two answers that let this node in: that is asked once, and nothing else goes on meanwhile.</summary>
    public TimeSpan JoinPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a stream from a member may bring no byte before it counts as stalled; its first may be given longer.</summary>
    public TimeSpan StallAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Most members a small-form cluster takes, this node included; every one talks to every other.</summary>
    public int MaxMembers { get; init; } = 128;

    /// <summary>Most blob streams that the node port serves at once; one more is told to come back.</summary>
    public int MaxStreams { get; init; } = 256;

    /// <summary>Leases, patience and bounds of the referee.</summary>
    public Turns.TurnOptions Turns { get; init; } = new();
}

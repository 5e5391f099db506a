namespace Pier.Fetch.Ladder;

/// <summary>Everything the rules of the ladder look at; times are since the start of the fetch.</summary>
internal sealed record LadderView
{
    /// <summary>The moment of the decision.</summary>
    public required TimeSpan Now { get; init; }

    /// <summary>The leg at work with members, a swarm or strangers, if any.</summary>
    public LegView? Peer { get; init; }

    /// <summary>The upstream leg at work, if any.</summary>
    public LegView? Upstream { get; init; }

    /// <summary>When the running question to the members was put; null when none runs.</summary>
    public TimeSpan? SearchStarted { get; init; }

    /// <summary>Peers that said yes and have not been tried yet.</summary>
    public int Candidates { get; init; }

    /// <summary>True while strangers could be looked for and have not been.</summary>
    public bool MayMeet { get; init; }

    /// <summary>When strangers began to be looked for; null when they are not.</summary>
    public TimeSpan? MeetingSince { get; init; }

    /// <summary>Swarms that strangers claim and that may be tried.</summary>
    public int Strangers { get; init; }

    /// <summary>When the next of them may be tried.</summary>
    public TimeSpan StrangersAt { get; init; }

    /// <summary>When the present round of peers began: the search before the present leg, or the start.</summary>
    public TimeSpan PeersSince { get; init; }

    /// <summary>When the members may be asked next.</summary>
    public TimeSpan SearchAt { get; init; }

    /// <summary>When the upstream may be tried next; null when it has said no for good or there is none.</summary>
    public TimeSpan? UpstreamAt { get; init; }

    /// <summary>Tries of the upstream that failed.</summary>
    public int UpstreamFailures { get; init; }

    /// <summary>Members that were to be followed instead and did not deliver.</summary>
    public int FollowFailures { get; init; }

    /// <summary>When it began to be asked for in the present name.</summary>
    public TimeSpan OpenSince { get; init; }

    /// <summary>How long the registry that is asked may be silent.</summary>
    public LegPatience RegistryPatience { get; init; }

    /// <summary>True once a source has accepted, hence clients have been told the size.</summary>
    public bool Accepted { get; init; }

    /// <summary>When bytes last arrived from anywhere, or the start.</summary>
    public TimeSpan LastProgress { get; init; }

    /// <summary>When a source last showed that it is alive, if that was after the last bytes: a piece of a swarm that is not whole yet.</summary>
    public TimeSpan LastSign { get; init; }

    /// <summary>Bytes of the pieces in which swarms bring it; 0 before its size is known.</summary>
    public long PieceLength { get; init; }
}

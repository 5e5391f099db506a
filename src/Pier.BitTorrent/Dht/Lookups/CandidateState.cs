namespace Pier.BitTorrent.Dht.Lookups;

/// <summary>How far a lookup has come with a node.</summary>
internal enum CandidateState
{
    /// <summary>Not asked yet.</summary>
    Fresh,

    /// <summary>Asked.</summary>
    Asked,

    /// <summary>Asked, and late with its answer: another is asked beside it.</summary>
    Late,

    /// <summary>It answered.</summary>
    Answered,

    /// <summary>It will not answer.</summary>
    Failed,
}

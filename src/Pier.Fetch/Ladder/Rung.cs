namespace Pier.Fetch.Ladder;

/// <summary>The rungs of design §3.5, cheapest first; each is started when the one before is too slow.</summary>
internal enum Rung
{
    /// <summary>Members and swarms that say they have the blob.</summary>
    Peers,

    /// <summary>Swarms that strangers claim, met by the digest alone: last, because nothing of theirs is readable before the seal.</summary>
    Strangers,

    /// <summary>The upstream by a granted turn, or the member that holds the turn.</summary>
    Upstream,
}

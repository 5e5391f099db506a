namespace Pier.BitTorrent.Dht.Lookups;

/// <summary>A node that a lookup knows.</summary>
internal sealed class Candidate(NodeContact contact)
{
    /// <summary>The node.</summary>
    public NodeContact Contact => contact;

    /// <summary>How far the lookup has come with it.</summary>
    public CandidateState State { get; set; }

    /// <summary>Queries to it that are on their way.</summary>
    public int Pending { get; set; }

    /// <summary>What it gave as the right to announce; empty for none.</summary>
    public byte[] Token { get; set; } = [];
}

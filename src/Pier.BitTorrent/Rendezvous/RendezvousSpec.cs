using System.Net;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Rendezvous;

/// <summary>
/// Judges a claim: gives the swarm with which the connection goes on, added under the claim's id, or null to hang up.
/// </summary>
public delegate ValueTask<Swarm?> ClaimHandler(RendezvousClaim claim, CancellationToken cancellationToken);

/// <summary>Whom to look for when only a blob's digest is known.</summary>
public sealed record RendezvousSpec
{
    /// <summary>The rendezvous id of the digest.</summary>
    public required InfoHash Id { get; init; }

    /// <summary>Judges what peers claim; called for each peer that claims something, several at once.</summary>
    public required ClaimHandler Claimed { get; init; }

    /// <summary>Tiers of trackers where the id is announced.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Trackers { get; init; } = [];

    /// <summary>How besides the id is announced and looked for.</summary>
    public PeerDiscovery Discovery { get; init; }

    /// <summary>Peers known from elsewhere.</summary>
    public IReadOnlyList<IPEndPoint> Peers { get; init; } = [];

    /// <summary>Asked before each connection; null admits all.</summary>
    public Func<IPAddress, bool>? Admit { get; init; }
}

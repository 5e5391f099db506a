using Pier.Api.Cluster;

namespace Pier.Api.Nodes;

/// <summary>What <c>pier status</c> shows: the node, its doors, its swarms and what is arriving.</summary>
/// <param name="NodeId">Base32 of the SHA-256 of the node's public key.</param>
/// <param name="Version">The daemon's version.</param>
/// <param name="StartedAt">When this process became ready.</param>
/// <param name="StateFolder">Where its state lies.</param>
/// <param name="Advertise">The address that others use, or null when none was named.</param>
/// <param name="Listeners">Every address it listens on.</param>
/// <param name="Storage">What its store holds.</param>
/// <param name="Transfers">Bytes and rates since the start.</param>
/// <param name="Swarms">The torrents it takes part in.</param>
/// <param name="Fetches">Blobs that are arriving, and the last ones that came.</param>
/// <param name="Members">The cluster's members as this node sees them; empty without a cluster.</param>
/// <param name="Dht">The node's part in the BitTorrent DHT; null when it takes none.</param>
public sealed record NodeStatus(
    string NodeId,
    string Version,
    DateTimeOffset StartedAt,
    string StateFolder,
    string? Advertise,
    IReadOnlyList<ListenerStatus> Listeners,
    StorageStatus Storage,
    TransferStatus Transfers,
    IReadOnlyList<SwarmStatus> Swarms,
    IReadOnlyList<FetchStatus> Fetches,
    IReadOnlyList<MemberStatus> Members,
    DhtStatus? Dht = null);

/// <summary>One address the daemon listens on.</summary>
/// <param name="Role">registry, control, socket, peers or node.</param>
/// <param name="Address">Address and port, or the socket's path.</param>
/// <param name="BeyondLoopback">True when other hosts can reach it.</param>
public sealed record ListenerStatus(string Role, string Address, bool BeyondLoopback);

/// <summary>What the store holds.</summary>
/// <param name="Blobs">Number of sealed blobs.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="FreeBytes">Free bytes on the state folder's file system.</param>
public sealed record StorageStatus(long Blobs, long Bytes, long FreeBytes);

/// <summary>Bytes moved since the daemon started, and how fast they move now.</summary>
/// <param name="Received">By source.</param>
/// <param name="SentToPeers">Bytes given to swarms.</param>
/// <param name="DownloadRate">Bytes per second from swarms.</param>
/// <param name="UploadRate">Bytes per second to swarms.</param>
public sealed record TransferStatus(SourceBytes Received, long SentToPeers, long DownloadRate, long UploadRate);

/// <summary>A node's part in the BitTorrent DHT.</summary>
/// <param name="Nodes">Other nodes it knows, over IPv4 and IPv6 together.</param>
/// <param name="Announced">Names of torrents that it announces and looks for.</param>
/// <param name="KeptPeers">Peers of others' torrents that it keeps for whoever asks.</param>
/// <param name="ExternalAddress">Its IPv4 address as most other nodes see it; null while too few have said.</param>
/// <param name="Asked">Queries sent.</param>
/// <param name="Answered">Queries answered.</param>
/// <param name="Dropped">Datagrams passed over: too many, malformed, or answers to nothing.</param>
public sealed record DhtStatus(int Nodes, int Announced, int KeptPeers, string? ExternalAddress, long Asked, long Answered, long Dropped);

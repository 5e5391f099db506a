using System.Net;
using Microsoft.Extensions.Logging;
using Pier.Api;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Encryption;
using Pier.BitTorrent.Limits;
using Pier.Content.Passwords;
using Pier.Registry.Access;

namespace Pier.Daemon.Options;

/// <summary>Everything the daemon was told, complete and checked: flags over file over defaults.</summary>
internal sealed record DaemonOptions
{
    /// <summary>Registry clients: Docker, containerd, Podman (design §1).</summary>
    public const int RegistryPort = 5055;

    /// <summary>BitTorrent peers.</summary>
    public const int PeersPort = 5056;

    /// <summary>Control API, metrics, health.</summary>
    public const int ControlPort = 5057;

    /// <summary>The node port, between members.</summary>
    public const int NodePort = 5059;

    /// <summary>Where Docker looks for the plugin named <c>pier</c>.</summary>
    public const string SystemVolumeDriver = "/run/docker/plugins/pier.sock";

    /// <summary>How long the volumes of the host's own daemon wait for it.</summary>
    public static readonly TimeSpan SystemMountsWait = TimeSpan.FromMinutes(2);

    /// <summary>Every address of this host: of both families where it has both.</summary>
    public static IPAddress EveryAddress { get; } = System.Net.Sockets.Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;

    /// <summary>Where everything that outlives the process lies.</summary>
    public string State { get; init; } = DefaultPaths.State;

    /// <summary>Where registry clients connect.</summary>
    public IReadOnlyList<IPEndPoint> Registry { get; init; } = [new(IPAddress.Loopback, RegistryPort), new(IPAddress.IPv6Loopback, RegistryPort)];

    /// <summary>True when the registry's addresses are the default ones, of which IPv6 may be missing on a host.</summary>
    public bool RegistryIsDefault { get; init; } = true;

    /// <summary>Where BitTorrent peers connect; null leaves it to whether the node has others to serve.</summary>
    public IPEndPoint? Peers { get; init; }

    /// <summary>The control API over TCP.</summary>
    public IPEndPoint Control { get; init; } = new(IPAddress.Loopback, ControlPort);

    /// <summary>The node port when it is opened.</summary>
    public IPEndPoint Node { get; init; } = new(EveryAddress, NodePort);

    /// <summary>The control API for the CLI.</summary>
    public string Socket { get; init; } = DefaultPaths.Socket;

    /// <summary>Where engines find the volume driver; null when this daemon is none.</summary>
    public string? VolumeDriver { get; init; }

    /// <summary>The folder below which volumes of engines are mounted; null for their place in the state folder.</summary>
    public string? VolumeMounts { get; init; }

    /// <summary>Whether this daemon leaves all but volumes to another on this host.</summary>
    public VolumesOnly VolumesOnly { get; init; }

    /// <summary>How long mounted volumes wait for the daemon once it is gone; zero ends them with it.</summary>
    public TimeSpan MountsWait { get; init; }

    /// <summary>Most bytes that are fetched for one line of a build; 0 for no bound.</summary>
    public long SupplyMaxBytes { get; init; }

    /// <summary>Socket of the Docker Engine on whose containers' behalf data is seeded; null for none.</summary>
    public string? Containers { get; init; }

    /// <summary>The program of the image pier/frontend, which the registry serves; null for none.</summary>
    public string? Frontend { get; init; }

    /// <summary>Folder of the external backends; null for none.</summary>
    public string? Backends { get; init; }

    /// <summary>The address or name that others use to reach this host, or null.</summary>
    public string? Advertise { get; init; }

    /// <summary>Host and port of a member to join, or null.</summary>
    public string? Join { get; init; }

    /// <summary>The join token; a secret.</summary>
    public string? Token { get; init; }

    /// <summary>The least severe level that is logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>True for one JSON object per line.</summary>
    public bool LogJson { get; init; }

    /// <summary>What may pass to and from peers.</summary>
    public EngineLimits Limits { get; init; } = EngineLimits.None;

    /// <summary>When complete torrents stop to seed.</summary>
    public SeedingGoal SeedingGoal { get; init; } = SeedingGoal.None;

    /// <summary>Bytes of sealed and arriving blobs above which the least used are evicted; 0 is without limit.</summary>
    public long Quota { get; init; }

    /// <summary>Bytes that eviction keeps free on the state folder's file system; 0 for none.</summary>
    public long FreeSpace { get; init; }

    /// <summary>Roots of containerd content stores whose blobs are given to others too.</summary>
    public IReadOnlyList<string> Adopt { get; init; } = [];

    /// <summary>Whether each request of a registry client is written to the log.</summary>
    public bool RequestLog { get; init; }

    /// <summary>Doors for registry clients over TLS.</summary>
    public IReadOnlyList<IPEndPoint> RegistryTls { get; init; } = [];

    /// <summary>PEM file of the certificate, chain included, for <see cref="RegistryTls"/>; null to make one under an authority of this node's own.</summary>
    public string? TlsCertificate { get; init; }

    /// <summary>PEM file of its key.</summary>
    public string? TlsKey { get; init; }

    /// <summary>Users of the registry and what is kept of their passwords. With none nobody is asked for a name.</summary>
    public IReadOnlyDictionary<string, PasswordHash> Users { get; init; } = new Dictionary<string, PasswordHash>(StringComparer.Ordinal);

    /// <summary>What users, and others, may do with repositories.</summary>
    public IReadOnlyList<AccessRule> Access { get; init; } = [];

    /// <summary>Whether clients are asked for the login of the registry that they name before a repository.</summary>
    public bool AskLogin { get; init; }

    /// <summary>Whether clients may push to the node's own repositories and delete there.</summary>
    public bool Push { get; init; }

    /// <summary>Most bytes of one pushed blob; 0 is without limit.</summary>
    public long PushMaxBlob { get; init; }

    /// <summary>Whether a pushed image may lack blobs.</summary>
    public bool PushSparse { get; init; }

    /// <summary>Whether layers are fetched before clients ask for them.</summary>
    public bool Prefetch { get; init; } = true;

    /// <summary>Images that are pulled ahead.</summary>
    public WarmUpOptions WarmUp { get; init; } = WarmUpOptions.None;

    /// <summary>Who learns which public blobs this node holds.</summary>
    public AnnouncePolicy Announce { get; init; } = AnnouncePolicy.Cluster;

    /// <summary>Whether anonymous loopback clients get private blobs.</summary>
    public bool ServePrivateToLoopback { get; init; } = true;

    /// <summary>Whether connections to BitTorrent peers are encrypted.</summary>
    public EncryptionPolicy Encryption { get; init; } = EncryptionPolicy.Prefer;

    /// <summary>How, besides trackers, peers are found of torrents that anybody may know of.</summary>
    public PeerDiscovery Discovery { get; init; } = PeerDiscovery.Pex;

    /// <summary>Whether the node asks in the DHT and answers nobody there.</summary>
    public bool DhtIsReadOnly { get; init; }

    /// <summary>Where the DHT begins.</summary>
    public IReadOnlyList<DnsEndPoint> DhtBootstrap { get; init; } = [];

    /// <summary>Folder of Docker's <c>config.json</c>, or null for the usual one.</summary>
    public string? DockerConfig { get; init; }

    /// <summary>Announce URLs for public content.</summary>
    public IReadOnlyList<string> Trackers { get; init; } = [];

    /// <summary>Which torrents the embedded tracker is for.</summary>
    public TrackerScope Tracker { get; init; } = TrackerScope.Own;

    /// <summary>Keys of which one must stand in each announce URL; secrets. None opens the tracker to whoever reaches it.</summary>
    public IReadOnlyList<string> TrackerKeys { get; init; } = [];

    /// <summary>Host names beside loopback and the advertised address by which clients may call this node.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>How registries are reached, where not by their own name over HTTPS.</summary>
    public IReadOnlyDictionary<string, UpstreamSettings> Upstreams { get; init; } = new Dictionary<string, UpstreamSettings>(StringComparer.Ordinal);
}

/// <summary>Who learns which public blobs this node holds (design §4, "Policy").</summary>
internal enum AnnouncePolicy
{
    /// <summary>Nobody.</summary>
    Off,

    /// <summary>Members of the cluster.</summary>
    Cluster,

    /// <summary>Everybody: public trackers.</summary>
    Public,
}

/// <summary>Which torrents the embedded tracker is for.</summary>
internal enum TrackerScope
{
    /// <summary>None: there is no tracker.</summary>
    Off,

    /// <summary>Those that this node has.</summary>
    Own,

    /// <summary>Any, for whoever reaches it.</summary>
    Open,
}

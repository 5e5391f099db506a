using Pier.Registry.Access;

namespace Pier.Daemon.Options;

/// <summary>What one place, the flags or the file, says; null is "nothing said".</summary>
internal sealed record DaemonSettings
{
    public string? State { get; init; }
    public IReadOnlyList<string>? Registry { get; init; }
    public string? Peers { get; init; }
    public string? Control { get; init; }
    public string? Node { get; init; }
    public string? Socket { get; init; }
    public string? VolumeDriver { get; init; }
    public string? VolumeMounts { get; init; }
    public string? VolumesOnly { get; init; }
    public string? MountsWait { get; init; }
    public string? Containers { get; init; }
    public string? Backends { get; init; }
    public string? Frontend { get; init; }
    public string? SupplyMaxBytes { get; init; }
    public string? Advertise { get; init; }
    public string? Join { get; init; }
    public string? Token { get; init; }
    public string? TokenFile { get; init; }
    public string? LogLevel { get; init; }
    public string? LogFormat { get; init; }
    public string? DownloadLimit { get; init; }
    public string? UploadLimit { get; init; }
    public IReadOnlyDictionary<string, LimitSettings>? Limits { get; init; }
    public SeedingSettings? Seeding { get; init; }
    public string? Quota { get; init; }
    public string? FreeSpace { get; init; }
    public IReadOnlyList<string>? Adopt { get; init; }
    public bool? RequestLog { get; init; }
    public IReadOnlyList<string>? RegistryTls { get; init; }
    public string? TlsCertificate { get; init; }
    public string? TlsKey { get; init; }
    public string? Users { get; init; }
    public IReadOnlyList<AccessRule>? Access { get; init; }
    public bool? AskLogin { get; init; }
    public bool? Push { get; init; }
    public string? PushMaxBlob { get; init; }
    public bool? PushSparse { get; init; }
    public bool? Prefetch { get; init; }
    public WarmUpOptions? WarmUp { get; init; }
    public string? Announce { get; init; }
    public string? PrivateLoopback { get; init; }
    public string? Encryption { get; init; }
    public string? Dht { get; init; }
    public IReadOnlyList<string>? DhtBootstrap { get; init; }
    public string? Lsd { get; init; }
    public string? Pex { get; init; }
    public string? DockerConfig { get; init; }
    public IReadOnlyList<string>? Trackers { get; init; }
    public string? Tracker { get; init; }
    public string? TrackerKeyFile { get; init; }
    public IReadOnlyList<string>? Hosts { get; init; }
    public IReadOnlyDictionary<string, UpstreamSettings>? Upstreams { get; init; }

    /// <summary>This place's word where it has one, else the other's.</summary>
    public DaemonSettings Over(DaemonSettings other) => new()
    {
        State = State ?? other.State,
        Registry = Registry ?? other.Registry,
        Peers = Peers ?? other.Peers,
        Control = Control ?? other.Control,
        Node = Node ?? other.Node,
        Socket = Socket ?? other.Socket,
        VolumeDriver = VolumeDriver ?? other.VolumeDriver,
        VolumeMounts = VolumeMounts ?? other.VolumeMounts,
        VolumesOnly = VolumesOnly ?? other.VolumesOnly,
        MountsWait = MountsWait ?? other.MountsWait,
        Containers = Containers ?? other.Containers,
        Backends = Backends ?? other.Backends,
        Frontend = Frontend ?? other.Frontend,
        SupplyMaxBytes = SupplyMaxBytes ?? other.SupplyMaxBytes,
        Advertise = Advertise ?? other.Advertise,
        Join = Join ?? other.Join,
        Token = Token ?? (TokenFile is null ? other.Token : null),
        TokenFile = TokenFile ?? (Token is null ? other.TokenFile : null),
        LogLevel = LogLevel ?? other.LogLevel,
        LogFormat = LogFormat ?? other.LogFormat,
        DownloadLimit = DownloadLimit ?? other.DownloadLimit,
        UploadLimit = UploadLimit ?? other.UploadLimit,
        Limits = Limits ?? other.Limits,
        Seeding = Seeding ?? other.Seeding,
        Quota = Quota ?? other.Quota,
        FreeSpace = FreeSpace ?? other.FreeSpace,
        Adopt = Adopt ?? other.Adopt,
        RequestLog = RequestLog ?? other.RequestLog,
        RegistryTls = RegistryTls ?? other.RegistryTls,
        TlsCertificate = TlsCertificate ?? other.TlsCertificate,
        TlsKey = TlsKey ?? other.TlsKey,
        Users = Users ?? other.Users,
        Access = Access ?? other.Access,
        AskLogin = AskLogin ?? other.AskLogin,
        Push = Push ?? other.Push,
        PushMaxBlob = PushMaxBlob ?? other.PushMaxBlob,
        PushSparse = PushSparse ?? other.PushSparse,
        Prefetch = Prefetch ?? other.Prefetch,
        WarmUp = WarmUp ?? other.WarmUp,
        Announce = Announce ?? other.Announce,
        PrivateLoopback = PrivateLoopback ?? other.PrivateLoopback,
        Encryption = Encryption ?? other.Encryption,
        Dht = Dht ?? other.Dht,
        DhtBootstrap = DhtBootstrap ?? other.DhtBootstrap,
        Lsd = Lsd ?? other.Lsd,
        Pex = Pex ?? other.Pex,
        DockerConfig = DockerConfig ?? other.DockerConfig,
        Trackers = Trackers ?? other.Trackers,
        Tracker = Tracker ?? other.Tracker,
        TrackerKeyFile = TrackerKeyFile ?? other.TrackerKeyFile,
        Hosts = Hosts ?? other.Hosts,
        Upstreams = Upstreams ?? other.Upstreams,
    };
}

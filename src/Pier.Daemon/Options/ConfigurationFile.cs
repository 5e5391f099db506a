namespace Pier.Daemon.Options;

/// <summary>The configuration file: JSON with a version, comments allowed, every key optional (docs/configuration.md).</summary>
internal static class ConfigurationFile
{
    private const int Version = 1;

    /// <summary>Far above any real file; a bound for a path that names something else.</summary>
    private const int MaxBytes = 1 << 20;

    /// <summary>Every key, for who misspelt one.</summary>
    internal static readonly string[] Keys =
    [
        "version", "state", "registry", "peers", "control", "node", "socket", "volumeDriver", "volumeMounts", "volumesOnly", "mountsWait", "containers", "backends", "frontend", "supplyMaxBytes", "advertise", "join", "tokenFile", "logLevel", "logFormat",
        "downloadLimit", "uploadLimit", "limits", "seeding", "quota", "freeSpace", "adopt", "requestLog", "announce", "privateLoopback", "encryption", "dht", "dhtBootstrap", "lsd", "pex", "dockerConfig", "trackers", "tracker", "trackerKeyFile", "hosts", "upstreams",
        "push", "pushMaxBlob", "pushSparse", "prefetch", "warmUp", "users", "access", "askLogin", "registryTls", "tlsCertificate", "tlsKey",
    ];

    /// <summary>Reads a file.</summary>
    /// <exception cref="ConfigurationException">It cannot be read, or line and key are named.</exception>
    public static DaemonSettings Read(string path)
    {
        byte[] text;
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > MaxBytes)
            {
                throw new ConfigurationException($"{path} has {file.Length} bytes; a configuration file has at most {MaxBytes}.");
            }
            text = new byte[file.Length];
            file.ReadExactly(text);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The configuration file {path} cannot be read: {unreadable.Message}", unreadable);
        }
        return Parse(text, path);
    }

    /// <summary>Parses the file's text; <paramref name="path"/> is for error texts.</summary>
    public static DaemonSettings Parse(ReadOnlySpan<byte> text, string path)
    {
        var reader = new ConfigurationReader(text, path);
        var settings = new DaemonSettings();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        reader.EnterObject("the configuration");
        while (reader.NextKey() is { } key)
        {
            if (!seen.Add(key))
            {
                throw reader.Wrong($"'{key}' stands here for the second time");
            }
            settings = key switch
            {
                "version" => CheckVersion(ref reader, settings),
                "state" => settings with { State = reader.Text(key) },
                "registry" => settings with { Registry = reader.Texts(key) },
                "peers" => settings with { Peers = reader.Text(key) },
                "control" => settings with { Control = reader.Text(key) },
                "node" => settings with { Node = reader.Text(key) },
                "socket" => settings with { Socket = reader.Text(key) },
                "volumeDriver" => settings with { VolumeDriver = reader.Text(key) },
                "volumeMounts" => settings with { VolumeMounts = reader.Text(key) },
                "volumesOnly" => settings with { VolumesOnly = reader.Text(key) },
                "mountsWait" => settings with { MountsWait = reader.Text(key) },
                "containers" => settings with { Containers = reader.Text(key) },
                "backends" => settings with { Backends = reader.Text(key) },
                "frontend" => settings with { Frontend = reader.Text(key) },
                "supplyMaxBytes" => settings with { SupplyMaxBytes = reader.Text(key) },
                "advertise" => settings with { Advertise = reader.Text(key) },
                "join" => settings with { Join = reader.Text(key) },
                "tokenFile" => settings with { TokenFile = reader.Text(key) },
                "logLevel" => settings with { LogLevel = reader.Text(key) },
                "logFormat" => settings with { LogFormat = reader.Text(key) },
                "downloadLimit" => settings with { DownloadLimit = reader.Text(key) },
                "uploadLimit" => settings with { UploadLimit = reader.Text(key) },
                "limits" => settings with { Limits = LimitsReader.Limits(ref reader) },
                "seeding" => settings with { Seeding = LimitsReader.Seeding(ref reader) },
                "quota" => settings with { Quota = reader.Text(key) },
                "adopt" => settings with { Adopt = reader.Texts(key) },
                "requestLog" => settings with { RequestLog = reader.Flag(key) },
                "freeSpace" => settings with { FreeSpace = reader.Text(key) },
                "users" => settings with { Users = reader.Text(key) },
                "access" => settings with { Access = AccessReader.Read(ref reader) },
                "registryTls" => settings with { RegistryTls = reader.Texts(key) },
                "tlsCertificate" => settings with { TlsCertificate = reader.Text(key) },
                "tlsKey" => settings with { TlsKey = reader.Text(key) },
                "askLogin" => settings with { AskLogin = reader.Flag(key) },
                "push" => settings with { Push = reader.Flag(key) },
                "pushMaxBlob" => settings with { PushMaxBlob = reader.Text(key) },
                "pushSparse" => settings with { PushSparse = reader.Flag(key) },
                "prefetch" => settings with { Prefetch = reader.Flag(key) },
                "warmUp" => settings with { WarmUp = WarmUpReader.Read(ref reader) },
                "announce" => settings with { Announce = reader.Text(key) },
                "privateLoopback" => settings with { PrivateLoopback = reader.Text(key) },
                "encryption" => settings with { Encryption = reader.Text(key) },
                "dht" => settings with { Dht = reader.Text(key) },
                "dhtBootstrap" => settings with { DhtBootstrap = reader.Texts(key) },
                "lsd" => settings with { Lsd = reader.Text(key) },
                "pex" => settings with { Pex = reader.Text(key) },
                "dockerConfig" => settings with { DockerConfig = reader.Text(key) },
                "trackers" => settings with { Trackers = reader.Texts(key) },
                "tracker" => settings with { Tracker = reader.Text(key) },
                "trackerKeyFile" => settings with { TrackerKeyFile = reader.Text(key) },
                "hosts" => settings with { Hosts = reader.Texts(key) },
                "upstreams" => settings with { Upstreams = UpstreamsReader.Read(ref reader) },
                _ => throw reader.Unknown(key, Keys),
            };
        }
        reader.End();
        return seen.Contains("version")
            ? settings
            : throw new ConfigurationException($"{path}: the key 'version' is missing; this format is \"version\": {Version}.");
    }

    private static DaemonSettings CheckVersion(ref ConfigurationReader reader, DaemonSettings settings)
    {
        var version = reader.Number("version");
        return version == Version
            ? settings
            : throw reader.Wrong($"version {version} is not known to this pierd; it reads version {Version}");
    }
}

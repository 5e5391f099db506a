using System.Net;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Encryption;
using Pier.Engines.Images;
using Pier.Engines.Probes;
using Pier.Registry.Access;

namespace Pier.Daemon.Options;

/// <summary>Makes checked options of what flags and file say.</summary>
internal static class OptionsFactory
{
    /// <summary>Longest token file that is read; a real token is far shorter.</summary>
    private const int MaxTokenFile = 4096;

    /// <summary>The options; whatever nobody said keeps its default.</summary>
    /// <exception cref="ConfigurationException">A value cannot be.</exception>
    public static DaemonOptions Create(DaemonSettings settings)
    {
        var defaults = new DaemonOptions();
        var options = defaults with
        {
            State = FullPath(settings.State, defaults.State),
            Registry = settings.Registry is { Count: > 0 } registry ? [.. registry.Select(a => AddressText.Parse(a, "--registry"))] : defaults.Registry,
            RegistryIsDefault = settings.Registry is not { Count: > 0 },
            Peers = settings.Peers is { } peers ? AddressText.Parse(peers, "--peers") : null,
            Control = settings.Control is { } control ? AddressText.Parse(control, "--control") : defaults.Control,
            Node = settings.Node is { } node ? AddressText.Parse(node, "--node") : defaults.Node,
            Socket = FullPath(settings.Socket, defaults.Socket),
            VolumeDriver = VolumeDriver(settings),
            VolumeMounts = settings.VolumeMounts is { } mounts ? Path.GetFullPath(mounts) : null,
            Containers = settings.Containers switch { "off" => null, null => DockerProbe.Socket, var path => Path.GetFullPath(path) },
            VolumesOnly = (VolumesOnly)Choice(settings.VolumesOnly, "--volumes-only", ["off", "auto", "on"]),
            MountsWait = MountsWait(settings),
            Backends = settings.Backends is { } backends ? Path.GetFullPath(backends) : null,
            Frontend = settings.Frontend switch { "off" => null, null => FrontendImage.Program, var path => Path.GetFullPath(path) },
            SupplyMaxBytes = Size(settings.SupplyMaxBytes, "supplyMaxBytes"),
            Advertise = Advertise(settings.Advertise),
            Join = settings.Join,
            Token = settings.TokenFile is { } file ? ReadToken(file) : settings.Token,
            LogLevel = Level(settings.LogLevel),
            LogJson = Choice(settings.LogFormat, "--log-format", ["text", "json"]) == 1,
            Limits = LimitOptions.Create(
                settings.Limits ?? new Dictionary<string, LimitSettings>(StringComparer.Ordinal),
                Rate(settings.DownloadLimit, "--download-limit"),
                Rate(settings.UploadLimit, "--upload-limit")),
            SeedingGoal = LimitOptions.Change(defaults.SeedingGoal, settings.Seeding?.Ratio, settings.Seeding?.Time),
            Quota = Size(settings.Quota, "--quota"),
            Adopt = Adopt(settings.Adopt),
            RequestLog = settings.RequestLog ?? defaults.RequestLog,
            FreeSpace = Size(settings.FreeSpace, "--free-space"),
            RegistryTls = [.. (settings.RegistryTls ?? []).Select(address => AddressText.Parse(address, "--registry-tls"))],
            TlsCertificate = settings.TlsCertificate,
            TlsKey = settings.TlsKey,
            Users = settings.Users is { } users ? UsersFile.Read(users) : defaults.Users,
            Access = settings.Access ?? [],
            AskLogin = settings.AskLogin ?? defaults.AskLogin,
            Push = settings.Push ?? defaults.Push,
            PushMaxBlob = Size(settings.PushMaxBlob, "pushMaxBlob"),
            PushSparse = settings.PushSparse ?? defaults.PushSparse,
            Prefetch = settings.Prefetch ?? defaults.Prefetch,
            WarmUp = WarmUp(settings.WarmUp) ?? defaults.WarmUp,
            Announce = settings.Announce is null
                ? defaults.Announce
                : (AnnouncePolicy)Choice(settings.Announce, "--announce", ["off", "cluster", "public"]),
            ServePrivateToLoopback = Choice(settings.PrivateLoopback, "privateLoopback", ["serve", "deny"]) == 0,
            Encryption = (EncryptionPolicy)Choice(settings.Encryption, "--encryption", ["prefer", "require", "off"]),
            DhtIsReadOnly = settings.Dht == DiscoveryText.ReadOnly,
            DhtBootstrap = [.. (settings.DhtBootstrap ?? []).Select(DiscoveryText.Node)],
            DockerConfig = settings.DockerConfig,
            Trackers = [.. (settings.Trackers ?? []).Select(Tracker)],
            Tracker = settings.Tracker is null
                ? defaults.Tracker
                : (TrackerScope)Choice(settings.Tracker, "tracker", ["off", "own", "open"]),
            TrackerKeys = settings.TrackerKeyFile is { } keys ? TrackerKeyFile.Read(keys) : [],
            Hosts = settings.Hosts ?? [],
            Upstreams = settings.Upstreams ?? defaults.Upstreams,
        };
        options = options with { Discovery = DiscoveryText.Parse(settings, options) };
        CheckJoin(options, settings);
        CheckUpstreams(options.Upstreams);
        CheckAccess(options);
        CheckDistinct(options);
        return options;
    }

    /// <summary>The engine looks in one place of the host: by itself only the host's own daemon goes there.</summary>
    private static string? VolumeDriver(DaemonSettings settings) => settings.VolumeDriver switch
    {
        "off" => null,
        null => settings.State is null && Environment.IsPrivilegedProcess ? DaemonOptions.SystemVolumeDriver : null,
        var path => Path.GetFullPath(path),
    };

    private static TimeSpan MountsWait(DaemonSettings settings) => settings.MountsWait switch
    {
        "off" => TimeSpan.Zero,
        null => settings.State is null && Environment.IsPrivilegedProcess ? DaemonOptions.SystemMountsWait : TimeSpan.Zero,
        var text => DurationText.Parse(text, "--mounts-wait"),
    };

    /// <summary>The file is read once, so that what is wrong in it is known at start.</summary>
    private static WarmUpOptions? WarmUp(WarmUpOptions? options)
    {
        if (options?.File is { } file)
        {
            WarmUpReader.ReadFile(file);
        }
        return options;
    }

    private static string FullPath(string? path, string otherwise) => Path.GetFullPath(path ?? otherwise);

    // 0 is no limit, as for sizes, whatever its unit.
    private static long Rate(string? text, string name) => text is null || ByteSize.TryParse(text) == 0 ? 0 : ByteRate.Parse(text, name) ?? 0;

    private static long Size(string? text, string name) => text is null ? 0 : ByteSize.Parse(text, name);

    private static string? Advertise(string? text) =>
        text is null || Uri.CheckHostName(text.Trim('[', ']')) != UriHostNameType.Unknown
            ? text
            : throw new ConfigurationException($"--advertise: '{text}' is neither a host name nor an address (without port), for example 192.168.1.10.");

    private static LogLevel Level(string? text) =>
        Choice(text ?? "info", "--log-level", ["trace", "debug", "info", "warning", "error"]) switch
        {
            0 => LogLevel.Trace,
            1 => LogLevel.Debug,
            2 => LogLevel.Information,
            3 => LogLevel.Warning,
            _ => LogLevel.Error,
        };

    private static int Choice(string? text, string name, string[] choices)
    {
        var choice = text is null ? 0 : Array.IndexOf(choices, text);
        return choice >= 0
            ? choice
            : throw new ConfigurationException($"{name}: '{text}' is not one of {string.Join(", ", choices)}.");
    }

    private static string Tracker(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" or "udp"
            ? url
            : throw new ConfigurationException($"trackers: '{url}' is not an announce URL that starts with http://, https:// or udp://.");

    private static string ReadToken(string path)
    {
        try
        {
            using var file = File.OpenText(path);
            var buffer = new char[MaxTokenFile];
            var token = new string(buffer, 0, file.ReadBlock(buffer)).Trim();
            return token.Length > 0 ? token : throw new ConfigurationException($"--token-file: {path} is empty.");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"--token-file: {path} cannot be read: {unreadable.Message}", unreadable);
        }
    }

    /// <summary>A choice, never a default: whose images lie there nobody knows, and members are given them.</summary>
    private static IReadOnlyList<string> Adopt(IReadOnlyList<string>? named) => named is null or ["off"] ? [] : [.. named.Select(folder => FullPath(folder, folder))];

    private static void CheckJoin(DaemonOptions options, DaemonSettings settings)
    {
        if (settings.Token is not null && settings.TokenFile is not null)
        {
            throw new ConfigurationException("--token and --token-file both name the join token; give one of them.");
        }
        if (options.Join is not null && options.Token is null)
        {
            throw new ConfigurationException(
                "--join needs the cluster's join token: add --token TOKEN or --token-file FILE. On a member, 'pier cluster token' prints one.");
        }
        if (options.Join is null && options.Token is not null)
        {
            throw new ConfigurationException("A join token without --join: add --join ADDRESS, a member's address.");
        }
    }

    private static void CheckAccess(DaemonOptions options)
    {
        if (options.Access.Count > 0 && options.Users.Count == 0)
        {
            throw new ConfigurationException("'access' gives users their rights, and there are none: name a file of users with 'users'.");
        }
        if (options.Access.SelectMany(rule => rule.Users).FirstOrDefault(name => name is not ("*" or AccessRule.Anonymous) && !options.Users.ContainsKey(name)) is { } unknown)
        {
            throw new ConfigurationException($"'access' names the user '{unknown}', who is not in the file of users; '*' is any user, '{AccessRule.Anonymous}' everybody.");
        }
        if ((options.TlsCertificate is null) != (options.TlsKey is null))
        {
            throw new ConfigurationException("'tlsCertificate' and 'tlsKey' belong together; leave both out to have Pier make a certificate.");
        }
    }

    private static void CheckUpstreams(IReadOnlyDictionary<string, UpstreamSettings> upstreams)
    {
        foreach (var (registry, settings) in upstreams)
        {
            foreach (var url in settings.Endpoints)
            {
                if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https"))
                {
                    throw new ConfigurationException(
                        $"upstreams → {registry} → endpoints: '{url}' is not a URL that starts with http:// or https://.");
                }
            }
        }
    }

    private static void CheckDistinct(DaemonOptions options)
    {
        var doors = options.Registry.Select(a => ("--registry", a))
            .Concat(options.RegistryTls.Select(a => ("--registry-tls", a)))
            .Append(("--control", options.Control))
            .Append(("--peers", options.Peers ?? new IPEndPoint(IPAddress.Loopback, DaemonOptions.PeersPort)))
            .Append(("--node", options.Node));
        var seen = new Dictionary<IPEndPoint, string>();
        foreach (var (flag, address) in doors)
        {
            if (address.Port != 0 && !seen.TryAdd(address, flag))
            {
                throw new ConfigurationException($"{seen[address]} and {flag} both say {address}; give each its own port.");
            }
        }
    }
}

using System.CommandLine;

namespace Pier.Daemon.Options;

/// <summary>The daemon's flags; each says the same as the key of the configuration file with its name.</summary>
internal sealed class DaemonFlags
{
    private readonly Option<string> _state = Text("--state", "DIR", "State folder (default /var/lib/pier, for users ~/.local/state/pier)");
    private readonly Option<string> _config = Text("--config", "FILE", "Configuration file, JSON; flags win over it");
    private readonly Option<string[]> _registry = new("--registry")
    {
        HelpName = "ADDR:PORT",
        Description = "Listen for registry clients here; may be repeated (default 127.0.0.1:5055 and [::1]:5055)",
    };
    private readonly Option<string> _peers = Text("--peers", "ADDR:PORT", "Listen for BitTorrent peers here (default loopback port 5056; every address once joined)");
    private readonly Option<string> _control = Text("--control", "ADDR:PORT", "Listen for the control API, /metrics and /healthz here (default 127.0.0.1:5057)");
    private readonly Option<string> _node = Text("--node", "ADDR:PORT", "Listen for members of the cluster here, once there is one (default 0.0.0.0:5059)");
    private readonly Option<string> _socket = Text("--socket", "PATH", "Unix socket for pier (default /run/pier/pier.sock)");
    private readonly Option<string> _volumeDriver = Text("--volume-driver", "PATH|off", "Serve Docker's volume driver at this socket (default /run/docker/plugins/pier.sock for the host's own daemon, run as root)");
    private readonly Option<string> _volumeMounts = Text("--volume-mounts", "DIR", "Mount volumes of engines below this folder (default in the state folder)");
    private readonly Option<string> _volumesOnly = Text("--volumes-only", "off|auto|on", "Serve volumes and nothing else; auto: when another pierd answers at --socket (default off)");
    private readonly Option<string> _mountsWait = Text("--mounts-wait", "DURATION|off", "How long mounted volumes wait for pierd when it ends, is killed or is upgraded (default 2m for the host's own daemon, run as root)");
    private readonly Option<string> _containers = Text("--containers", "PATH|off", "Seed what labels of running containers name; socket of their Docker Engine (default /var/run/docker.sock, or DOCKER_HOST's)");
    private readonly Option<string> _backends = Text("--backends", "DIR", "Folder of external backends: programs named pier-backend-NAME fetch NAME:… (default none)");
    private readonly Option<string> _frontend = Text("--frontend", "FILE|off", "Program of the image pier/frontend, which the registry serves by that name (default pier-frontend beside pierd)");
    private readonly Option<string> _advertise = Text("--advertise", "ADDR", "Address or name by which others reach this host");
    private readonly Option<string> _join = Text("--join", "ADDR[:PORT]", "Join the cluster of the member at this address");
    private readonly Option<string> _token = Text("--token", "TOKEN", "Join token; visible to all users in the process list, so prefer --token-file");
    private readonly Option<string> _tokenFile = Text("--token-file", "FILE", "File that holds the join token");
    private readonly Option<string> _logLevel = Text("--log-level", "LEVEL", "trace, debug, info, warning or error (default info)");
    private readonly Option<string> _logFormat = Text("--log-format", "FORMAT", "text or json (default text)");
    private readonly Option<string> _downloadLimit = Text("--download-limit", "RATE", "Most from peers, for example \"100 Mbit/s\" or 10MiB (each second)");
    private readonly Option<string> _uploadLimit = Text("--upload-limit", "RATE", "Most to peers");
    private readonly Option<string> _quota = Text("--quota", "SIZE", "Evict least used blobs above this many bytes, for example 50GiB");
    private readonly Option<string> _freeSpace = Text("--free-space", "SIZE", "Evict least used blobs while less than this is free on the disk, for example 5GiB");
    private readonly Option<string[]> _adopt = new("--adopt")
    {
        HelpName = "DIR|off",
        Description = "Give what is in this content store of containerd to others too, without a copy; may be repeated (default off)",
    };
    private readonly Option<bool?> _requestLog = new("--request-log") { Description = "Write each request of a registry client to the log" };
    private readonly Option<string[]> _registryTls = new("--registry-tls")
    {
        HelpName = "ADDR:PORT",
        Description = "Listen for registry clients over TLS here; may be repeated",
    };
    private readonly Option<bool?> _push = new("--push") { Description = "Let clients push to the repositories below local/, and delete there" };
    private readonly Option<string> _announce = Text("--announce", "WHO", "Who learns which public blobs are here: off, cluster or public (default cluster)");

    private readonly Option<string> _dht = Text("--dht", "on|off|read-only", "Find peers in the DHT (default on with --announce public); read-only asks there and answers nobody");
    private readonly Option<string[]> _dhtBootstrap = new("--dht-bootstrap")
    {
        HelpName = "HOST:PORT",
        Description = "A node with which the DHT begins; may be repeated (none is built in)",
    };
    private readonly Option<string> _lsd = Text("--lsd", "on|off", "Find peers in the local network by multicast (default on with --announce public)");
    private readonly Option<string> _pex = Text("--pex", "on|off", "Let peers tell each other of peers, in torrents that anybody may know of (default on)");
    private readonly Option<string> _encryption = Text("--encryption", "HOW", "Encrypt connections to BitTorrent peers: prefer, require or off (default prefer)");

    /// <summary>Gives the command these flags.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (ReadOnlySpan<Option>)
            [_state, _config, _registry, _registryTls, _peers, _control, _node, _socket, _volumeDriver, _volumeMounts, _volumesOnly, _mountsWait, _containers, _backends, _frontend, _advertise, _join, _token, _tokenFile, _quota, _freeSpace, _adopt, _requestLog, _push, _announce, _dht, _dhtBootstrap, _lsd, _pex, _encryption, _downloadLimit, _uploadLimit, _logLevel, _logFormat])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The options that flags and configuration file make together.</summary>
    /// <exception cref="ConfigurationException">Something said cannot be.</exception>
    public DaemonOptions Read(ParseResult parsed)
    {
        var flags = new DaemonSettings
        {
            State = parsed.GetValue(_state),
            Registry = parsed.GetValue(_registry) is { Length: > 0 } addresses ? addresses : null,
            Peers = parsed.GetValue(_peers),
            Control = parsed.GetValue(_control),
            Node = parsed.GetValue(_node),
            Socket = parsed.GetValue(_socket),
            VolumeDriver = parsed.GetValue(_volumeDriver),
            VolumeMounts = parsed.GetValue(_volumeMounts),
            VolumesOnly = parsed.GetValue(_volumesOnly),
            MountsWait = parsed.GetValue(_mountsWait),
            Containers = parsed.GetValue(_containers),
            Backends = parsed.GetValue(_backends),
            Frontend = parsed.GetValue(_frontend),
            Advertise = parsed.GetValue(_advertise),
            Join = parsed.GetValue(_join),
            Token = parsed.GetValue(_token),
            TokenFile = parsed.GetValue(_tokenFile),
            LogLevel = parsed.GetValue(_logLevel),
            LogFormat = parsed.GetValue(_logFormat),
            DownloadLimit = parsed.GetValue(_downloadLimit),
            UploadLimit = parsed.GetValue(_uploadLimit),
            Quota = parsed.GetValue(_quota),
            Adopt = parsed.GetValue(_adopt) is { Length: > 0 } stores ? stores : null,
            RequestLog = parsed.GetValue(_requestLog),
            FreeSpace = parsed.GetValue(_freeSpace),
            RegistryTls = parsed.GetValue(_registryTls) is { Length: > 0 } doors ? doors : null,
            Push = parsed.GetValue(_push),
            Announce = parsed.GetValue(_announce),
            Dht = parsed.GetValue(_dht),
            DhtBootstrap = parsed.GetValue(_dhtBootstrap) is { Length: > 0 } nodes ? nodes : null,
            Lsd = parsed.GetValue(_lsd),
            Pex = parsed.GetValue(_pex),
            Encryption = parsed.GetValue(_encryption),
        };
        return OptionsFactory.Create(parsed.GetValue(_config) is { } file ? flags.Over(ConfigurationFile.Read(file)) : flags);
    }

    private static Option<string> Text(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };
}

using System.CommandLine;

namespace Pier.Daemon.Options;

/// <summary>The daemon's flags; each says the same as the key of the configuration file with its name.</summary>
internal sealed class DaemonFlags
{
    private readonly Option<string> state = Text("--state", "DIR", "State folder (default /var/lib/pier, for users ~/.local/state/pier)");
    private readonly Option<string> config = Text("--config", "FILE", "Configuration file, JSON; flags win over it");
    private readonly Option<string[]> registry = new("--registry")
    {
        HelpName = "ADDR:PORT",
        Description = "Listen for registry clients here; may be repeated (default 127.0.0.1:5055 and [::1]:5055)",
    };
    private readonly Option<string> peers = Text("--peers", "ADDR:PORT", "Listen for BitTorrent peers here (default loopback port 5056; every address once joined)");
    private readonly Option<string> control = Text("--control", "ADDR:PORT", "Listen for the control API, /metrics and /healthz here (default 127.0.0.1:5057)");
    private readonly Option<string> node = Text("--node", "ADDR:PORT", "Listen for members of the cluster here, once there is one (default 0.0.0.0:5059)");
    private readonly Option<string> socket = Text("--socket", "PATH", "Unix socket for pier (default /run/pier/pier.sock)");
    private readonly Option<string> advertise = Text("--advertise", "ADDR", "Address or name by which others reach this host");
    private readonly Option<string> join = Text("--join", "ADDR[:PORT]", "Join the cluster of the member at this address");
    private readonly Option<string> token = Text("--token", "TOKEN", "Join token; visible to all users in the process list, so prefer --token-file");
    private readonly Option<string> tokenFile = Text("--token-file", "FILE", "File that holds the join token");
    private readonly Option<string> logLevel = Text("--log-level", "LEVEL", "trace, debug, info, warning or error (default info)");
    private readonly Option<string> logFormat = Text("--log-format", "FORMAT", "text or json (default text)");
    private readonly Option<string> downloadLimit = Text("--download-limit", "RATE", "Most bytes per second from swarms, for example 10MiB");
    private readonly Option<string> uploadLimit = Text("--upload-limit", "RATE", "Most bytes per second to swarms");
    private readonly Option<string> quota = Text("--quota", "SIZE", "Evict least used blobs above this many bytes, for example 50GiB");
    private readonly Option<string> announce = Text("--announce", "WHO", "Who learns which public blobs are here: off, cluster or public (default cluster)");

    /// <summary>Gives the command these flags.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (ReadOnlySpan<Option>)
            [state, config, registry, peers, control, node, socket, advertise, join, token, tokenFile, quota, announce, downloadLimit, uploadLimit, logLevel, logFormat])
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
            State = parsed.GetValue(state),
            Registry = parsed.GetValue(registry) is { Length: > 0 } addresses ? addresses : null,
            Peers = parsed.GetValue(peers),
            Control = parsed.GetValue(control),
            Node = parsed.GetValue(node),
            Socket = parsed.GetValue(socket),
            Advertise = parsed.GetValue(advertise),
            Join = parsed.GetValue(join),
            Token = parsed.GetValue(token),
            TokenFile = parsed.GetValue(tokenFile),
            LogLevel = parsed.GetValue(logLevel),
            LogFormat = parsed.GetValue(logFormat),
            DownloadLimit = parsed.GetValue(downloadLimit),
            UploadLimit = parsed.GetValue(uploadLimit),
            Quota = parsed.GetValue(quota),
            Announce = parsed.GetValue(announce),
        };
        return OptionsFactory.Create(parsed.GetValue(config) is { } file ? flags.Over(ConfigurationFile.Read(file)) : flags);
    }

    private static Option<string> Text(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };
}

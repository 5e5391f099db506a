using Pier.TestKit.Processes;

namespace Pier.TestKit.Engines;

/// <summary>One edition of Docker, containerd and their clients on this machine, and how its programs are started (deploy/setup/packages.sh puts them there).</summary>
public sealed class EnginePrograms
{
    private readonly string _root;
    private readonly string _install;

    private EnginePrograms(string root, string install)
    {
        _root = root;
        _install = install;
        Environs = EnvironsOf($"{root}/usr/sbin:{root}/usr/bin:");
    }

    /// <summary>This Debian's own, Docker 20.10: installed, or unpacked into the folder that PIER_ENGINE names.</summary>
    public static EnginePrograms Installed { get; } =
        new(Environment.GetEnvironmentVariable("PIER_ENGINE") ?? "", "apt-get install docker.io containerd runc");

    /// <summary>Those of Debian's unstable suite, Docker 28 or newer, unpacked into a folder of the cache; runc stays this Debian's.</summary>
    public static EnginePrograms Newer { get; } = new(
        Environment.GetEnvironmentVariable("PIER_NEWER_ENGINE") ?? Path.Combine(Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? "/var/cache", "pier-tests", "engine-newer"),
        "bash -c '. deploy/setup/packages.sh && . deploy/setup/newer-engine.sh && ensure_newer_engine'");

    /// <summary>Folder of the client's plug-ins, buildx among them; there is one where the edition brings them.</summary>
    public string? ClientPlugins => Directory.Exists($"{_root}/usr/libexec/docker/cli-plugins") && _root.Length > 0 ? $"{_root}/usr/libexec/docker/cli-plugins" : null;

    /// <summary>The environment of this machine's own programs.</summary>
    internal static IReadOnlyDictionary<string, string?> Plain { get; } = EnvironsOf("");

    /// <summary>An engine's environment: its own programs first on PATH, and no proxy, which would catch requests to mirrors.</summary>
    internal IReadOnlyDictionary<string, string?> Environs { get; }

    /// <summary>A program by its path in the packages.</summary>
    /// <exception cref="ToolMissingException">It is not there.</exception>
    public string PathOf(string absolute) => RequiredTool.Path(_root + absolute, _install);

    /// <summary>A plan that runs an engine inside a host's network, with process ids and mounts of its own: when it dies, all that it started goes too. It sees what is mounted below shared folders.</summary>
    internal ProcessPlan Contained(string name, Network.NetworkHost host, string program, IEnumerable<string> arguments) => new(
        name,
        RequiredTool.Path("nsenter", "apt-get install util-linux"),
        host.Namespace.Enter("unshare", ["--mount", "--propagation", "slave", "--pid", "--fork", "--kill-child", "--mount-proc", program, .. arguments]))
    {
        Environment = Environs,
    };

    private static IReadOnlyDictionary<string, string?> EnvironsOf(string first) => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["PATH"] = first + "/usr/sbin:/usr/bin:/sbin:/bin",
        ["HTTP_PROXY"] = null,
        ["HTTPS_PROXY"] = null,
        ["http_proxy"] = null,
        ["https_proxy"] = null,
    };
}

using Pier.TestKit.Processes;

namespace Pier.TestKit.Engines;

/// <summary>Where Debian's engine programs are: installed, or unpacked into the folder that PIER_ENGINE names (deploy/setup/packages.sh).</summary>
internal static class EnginePrograms
{
    private static string Root => Environment.GetEnvironmentVariable("PIER_ENGINE") ?? "";

    /// <summary>An engine's environment: its own helpers first on PATH, and no proxy, which would catch requests to mirrors.</summary>
    internal static IReadOnlyDictionary<string, string?> Environs { get; } = new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["PATH"] = $"{Root}/usr/sbin:{Root}/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ["HTTP_PROXY"] = null,
        ["HTTPS_PROXY"] = null,
        ["http_proxy"] = null,
        ["https_proxy"] = null,
    };

    internal static string Path(string absolute) => RequiredTool.Path(Root + absolute, "apt-get install docker.io containerd runc");

    /// <summary>A plan that runs an engine inside a host's network, with process ids and mounts of its own: when it dies, all that it started goes too. It sees what is mounted below shared folders.</summary>
    internal static ProcessPlan Contained(string name, Network.NetworkHost host, string program, IEnumerable<string> arguments) => new(
        name,
        RequiredTool.Path("nsenter", "apt-get install util-linux"),
        host.Namespace.Enter("unshare", ["--mount", "--propagation", "slave", "--pid", "--fork", "--kill-child", "--mount-proc", program, .. arguments]))
    {
        Environment = Environs,
    };
}

using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.TestKit.Engines;

/// <summary>A real containerd of a host's own, with a hosts.toml that sends docker.io to a mirror, driven by <c>ctr</c>.</summary>
public sealed class ContainerdEngine : IAsyncDisposable
{
    /// <summary>Stands for every registry that has no folder of its own (containerd, hosts.toml).</summary>
    public const string AnyRegistry = "_default";

    private readonly TempFolder _folder;
    private readonly ExternalProcess _daemon;
    private readonly NetworkHost _host;

    private readonly EnginePrograms _programs;

    private ContainerdEngine(TempFolder folder, ExternalProcess daemon, NetworkHost host, EnginePrograms programs)
    {
        _programs = programs;
        _folder = folder;
        _daemon = daemon;
        _host = host;
    }

    /// <summary>Starts containerd inside a host.</summary>
    /// <param name="host">Where.</param>
    /// <param name="registry">The registry whose images go through the mirror, as in an image name.</param>
    /// <param name="mirror">The mirror.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<ContainerdEngine> StartAsync(NetworkHost host, string registry, Uri mirror, CancellationToken cancellationToken) =>
        StartAsync(EnginePrograms.Installed, host, registry, mirror, cancellationToken);

    /// <summary>Starts an edition's containerd inside a host.</summary>
    /// <param name="programs">The edition.</param>
    /// <param name="host">Where.</param>
    /// <param name="registry">The registry whose images go through the mirror, as in an image name; <c>_default</c> for all.</param>
    /// <param name="mirror">The mirror.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ContainerdEngine> StartAsync(
        EnginePrograms programs, NetworkHost host, string registry, Uri mirror, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(programs);
        var folder = TempFolder.Create("containerd");
        try
        {
            var hosts = folder.MakeFolder("certs.d", registry);
            await File.WriteAllTextAsync(
                Path.Combine(hosts, "hosts.toml"),
                $"{(registry == AnyRegistry ? "" : $"server = \"https://{registry}\"\n\n")}[host.\"{mirror.GetLeftPart(UriPartial.Authority)}\"]\n  capabilities = [\"pull\", \"resolve\"]\n",
                cancellationToken);
            var configuration = folder.Below("config.toml");
            await File.WriteAllTextAsync(
                configuration,
                $"version = 2\nroot = \"{folder.Below("root")}\"\nstate = \"{folder.Below("state")}\"\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\", \"io.containerd.cri.v1.images\", \"io.containerd.cri.v1.runtime\"]\n[grpc]\n  address = \"{Socket(folder)}\"\n",
                cancellationToken);
            var plan = programs.Contained(
                "containerd on " + host.Name, host, programs.PathOf("/usr/bin/containerd"), ["--config", configuration]) with
            {
                Ready = Readiness.WhenLogSays("containerd successfully booted"),
            };
            return new ContainerdEngine(folder, await ExternalProcess.StartAsync(plan, cancellationToken), host, programs);
        }
        catch
        {
            await folder.DisposeAsync();
            throw;
        }
    }

    /// <summary>Root of its content store.</summary>
    public string ContentStore => _folder.Below("root", "io.containerd.content.v1.content");

    /// <summary>The folder of its hosts.toml.</summary>
    public string HostsFolder => _folder.Below("certs.d");

    /// <summary>Pulls and unpacks an image by its full name; <c>ctr</c> itself talks to the registry, so it runs inside the host too.</summary>
    public async Task PullAsync(string image, CancellationToken cancellationToken) =>
        (await CtrAsync(["images", "pull", "--hosts-dir", HostsFolder, image], cancellationToken)).OrThrow();

    /// <summary>The digest of the manifest that an image name stands for.</summary>
    public async Task<string> ManifestDigestAsync(string image, CancellationToken cancellationToken)
    {
        var list = (await CtrAsync(["images", "list", $"name=={image}"], cancellationToken)).OrThrow().Output;
        return list.Split(' ', '\n', '\t').Single(word => word.StartsWith("sha256:", StringComparison.Ordinal));
    }

    /// <summary>Runs <c>ctr</c> against this engine, inside its host.</summary>
    public Task<CommandResult> CtrAsync(IEnumerable<string> arguments, CancellationToken cancellationToken) => _host.Namespace.RunAsync(
        _programs.PathOf("/usr/bin/ctr"), ["--address", Socket(_folder), .. arguments], cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        await _folder.DisposeAsync();
    }

    private static string Socket(TempFolder folder) => folder.Below("c.sock");
}

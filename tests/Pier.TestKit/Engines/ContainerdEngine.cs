using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.TestKit.Engines;

/// <summary>A real containerd of a host's own, with a hosts.toml that sends docker.io to a mirror, driven by <c>ctr</c>.</summary>
public sealed class ContainerdEngine : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly ExternalProcess _daemon;
    private readonly NetworkHost _host;

    private ContainerdEngine(TempFolder folder, ExternalProcess daemon, NetworkHost host)
    {
        _folder = folder;
        _daemon = daemon;
        _host = host;
    }

    /// <summary>Starts containerd inside a host.</summary>
    /// <param name="host">Where.</param>
    /// <param name="registry">The registry whose images go through the mirror, as in an image name.</param>
    /// <param name="mirror">The mirror.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ContainerdEngine> StartAsync(NetworkHost host, string registry, Uri mirror, CancellationToken cancellationToken)
    {
        var folder = TempFolder.Create("containerd");
        try
        {
            var hosts = folder.MakeFolder("certs.d", registry);
            await File.WriteAllTextAsync(
                Path.Combine(hosts, "hosts.toml"),
                $"server = \"https://{registry}\"\n\n[host.\"{mirror.GetLeftPart(UriPartial.Authority)}\"]\n  capabilities = [\"pull\", \"resolve\"]\n",
                cancellationToken);
            var configuration = folder.Below("config.toml");
            await File.WriteAllTextAsync(
                configuration,
                $"version = 2\nroot = \"{folder.Below("root")}\"\nstate = \"{folder.Below("state")}\"\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n[grpc]\n  address = \"{Socket(folder)}\"\n",
                cancellationToken);
            var plan = EnginePrograms.Contained(
                "containerd on " + host.Name, host, EnginePrograms.Path("/usr/bin/containerd"), ["--config", configuration]) with
            {
                Ready = Readiness.WhenLogSays("containerd successfully booted"),
            };
            return new ContainerdEngine(folder, await ExternalProcess.StartAsync(plan, cancellationToken), host);
        }
        catch
        {
            await folder.DisposeAsync();
            throw;
        }
    }

    /// <summary>Root of its content store.</summary>
    public string ContentStore => _folder.Below("root", "io.containerd.content.v1.content");

    /// <summary>Pulls and unpacks an image by its full name; <c>ctr</c> itself talks to the registry, so it runs inside the host too.</summary>
    public async Task PullAsync(string image, CancellationToken cancellationToken) =>
        (await CtrAsync(["images", "pull", "--hosts-dir", _folder.Below("certs.d"), image], cancellationToken)).OrThrow();

    /// <summary>The digest of the manifest that an image name stands for.</summary>
    public async Task<string> ManifestDigestAsync(string image, CancellationToken cancellationToken)
    {
        var list = (await CtrAsync(["images", "list", $"name=={image}"], cancellationToken)).OrThrow().Output;
        return list.Split(' ', '\n', '\t').Single(word => word.StartsWith("sha256:", StringComparison.Ordinal));
    }

    /// <summary>Runs <c>ctr</c> against this engine, inside its host.</summary>
    public Task<CommandResult> CtrAsync(IEnumerable<string> arguments, CancellationToken cancellationToken) => _host.Namespace.RunAsync(
        EnginePrograms.Path("/usr/bin/ctr"), ["--address", Socket(_folder), .. arguments], cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        await _folder.DisposeAsync();
    }

    private static string Socket(TempFolder folder) => folder.Below("c.sock");
}

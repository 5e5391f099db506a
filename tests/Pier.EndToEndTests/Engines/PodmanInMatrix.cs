using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Engines;

/// <summary>podman and buildah, which have no daemon: both are containers/image with a store in a folder.</summary>
internal sealed class PodmanInMatrix(MatrixScene scene, string program, string registries) : MatrixEngine
{
    /// <summary>Its path is short: podman takes at most 50 characters.</summary>
    private readonly TempFolder _storage = TempFolder.Create("store");

    public override bool Is(string version) => version.StartsWith(program, StringComparison.Ordinal);

    public override async Task<string> VersionAsync(CancellationToken cancellationToken) => await RunAsync(["--version"], cancellationToken);

    public override async Task<string> PullAsync(string name, CancellationToken cancellationToken) =>
        "sha256:" + (await RunAsync(["pull", "--quiet", name], cancellationToken)).Split('\n')[^1];

    public override async Task PushAsync(string name, string target, CancellationToken cancellationToken) =>
        await RunAsync(["push", name, "docker://" + target], cancellationToken);

    public override async Task RemoveAsync(string name, CancellationToken cancellationToken) => await RunAsync(["rmi", "--force", name], cancellationToken);

    public override ValueTask DisposeAsync() => _storage.DisposeAsync();

    private async Task<string> RunAsync(IEnumerable<string> words, CancellationToken cancellationToken)
    {
        var tool = RequiredTool.Path(program, $"apt-get install {program}");
        return (await scene.Node.Host.Namespace.RunAsync(
            "env",
            ["CONTAINERS_REGISTRIES_CONF=" + registries, tool, "--root", _storage.Below("root"), "--runroot", _storage.Below("run"), "--storage-driver", "vfs", .. words],
            cancellationToken)).OrThrow().Output.Trim();
    }
}

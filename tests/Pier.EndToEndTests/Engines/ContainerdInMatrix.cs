using Pier.TestKit.Engines;
using Pier.TestKit.Images;

namespace Pier.EndToEndTests.Engines;

/// <summary>containerd by its own client.</summary>
internal sealed class ContainerdInMatrix(ContainerdEngine containerd, string wanted) : MatrixEngine
{
    public override bool Is(string version) => version.TrimStart('v').StartsWith(wanted, StringComparison.Ordinal);

    public static async Task<ContainerdInMatrix> StartAsync(MatrixScene scene, EnginePrograms programs, string wanted, CancellationToken cancellationToken) => new(
        await ContainerdEngine.StartAsync(programs, scene.Node.Host, ContainerdEngine.AnyRegistry, PierNode.Mirror, cancellationToken), wanted);

    public override async Task<string> VersionAsync(CancellationToken cancellationToken)
    {
        var lines = (await containerd.CtrAsync(["version"], cancellationToken)).OrThrow().Output.Split('\n');
        return lines[Array.FindIndex(lines, line => line.StartsWith("Server", StringComparison.Ordinal)) + 1].Split(':')[1].Trim();
    }

    public override async Task<string> PullAsync(string name, CancellationToken cancellationToken)
    {
        if (name.StartsWith(MatrixScene.Door, StringComparison.Ordinal))
        {
            (await containerd.CtrAsync(["images", "pull", "--plain-http", name], cancellationToken)).OrThrow();
        }
        else
        {
            await containerd.PullAsync(name, cancellationToken);
        }
        return await containerd.ManifestDigestAsync(name, cancellationToken);
    }

    public override string DigestOf(TestImage image, string listDigest) => listDigest;

    public override async Task PushAsync(string name, string target, CancellationToken cancellationToken)
    {
        // A pull leaves the other platform's content out, and a push of the list needs it.
        (await containerd.CtrAsync(["content", "fetch", "--all-platforms", "--hosts-dir", containerd.HostsFolder, name], cancellationToken)).OrThrow();
        (await containerd.CtrAsync(["images", "push", "--plain-http", target, name], cancellationToken)).OrThrow();
    }

    public override async Task RemoveAsync(string name, CancellationToken cancellationToken) =>
        (await containerd.CtrAsync(["images", "remove", "--sync", name], cancellationToken)).OrThrow();

    public override ValueTask DisposeAsync() => containerd.DisposeAsync();
}

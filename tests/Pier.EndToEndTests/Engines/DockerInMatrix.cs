using System.Globalization;
using Pier.TestKit.Engines;
using Pier.TestKit.Images;

namespace Pier.EndToEndTests.Engines;

/// <summary>dockerd: with its classic store, which knows a mirror for docker.io alone, or containerd's.</summary>
internal sealed class DockerInMatrix(DockerEngine docker, bool isNewer, bool hasContainerdStore) : MatrixEngine
{
    public override bool Is(string version) =>
        isNewer ? int.Parse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture) >= 28 : version.StartsWith("20.10.", StringComparison.Ordinal);

    public override IReadOnlyList<string> Registries => hasContainerdStore ? base.Registries : ["docker.io"];

    /// <summary>Registries whose names its builder sends through a mirror: from 28 on all, with both stores.</summary>
    public IReadOnlyList<string> BuildRegistries => isNewer ? base.Registries : Registries;

    /// <summary>The engine itself.</summary>
    public DockerEngine Docker => docker;

    public static async Task<DockerInMatrix> StartAsync(MatrixScene scene, EnginePrograms programs, bool? store, CancellationToken cancellationToken)
    {
        var plan = new DockerPlan { Programs = programs, Mirror = PierNode.Mirror, ContainerdStore = store };
        if (store is not null)
        {
            plan = plan with { Settings = await scene.WriteDockerSettingsAsync(cancellationToken) };
        }
        return new DockerInMatrix(
            await DockerEngine.StartAsync(scene.Node.Host, plan, cancellationToken), programs == EnginePrograms.Newer, store == true);
    }

    public override Task<string> VersionAsync(CancellationToken cancellationToken) => docker.VersionAsync(cancellationToken);

    public override async Task<string> PullAsync(string name, CancellationToken cancellationToken)
    {
        await docker.PullAsync(name, cancellationToken);
        return await docker.ImageIdAsync(name, cancellationToken);
    }

    public override string DigestOf(TestImage image, string listDigest) => hasContainerdStore ? listDigest : base.DigestOf(image, listDigest);

    public override async Task PushAsync(string name, string target, CancellationToken cancellationToken)
    {
        (await docker.DockerAsync(["tag", name, target], cancellationToken)).OrThrow();
        (await docker.DockerAsync(["push", "--quiet", target], cancellationToken)).OrThrow();
    }

    public override async Task RemoveAsync(string name, CancellationToken cancellationToken) =>
        (await docker.DockerAsync(["rmi", "--force", name], cancellationToken)).OrThrow();

    public override ValueTask DisposeAsync() => docker.DisposeAsync();
}

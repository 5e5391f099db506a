using Pier.TestKit.Engines;
using Pier.TestKit.Images;

namespace Pier.EndToEndTests.Engines;

/// <summary>One engine of the matrix: what it pulls by which names, and how it pushes.</summary>
internal abstract class MatrixEngine : IAsyncDisposable
{
    /// <summary>Whether a version is one of this row's engine, so that a row is never another engine's.</summary>
    public abstract bool Is(string version);

    /// <summary>Registries whose names it sends through a mirror; the classic Docker store knows docker.io's alone.</summary>
    public virtual IReadOnlyList<string> Registries => MatrixScene.Registries;

    /// <summary>The version that it says it has.</summary>
    public abstract Task<string> VersionAsync(CancellationToken cancellationToken);

    /// <summary>Pulls an image by its full name; returns the digest by which the engine knows it.</summary>
    public abstract Task<string> PullAsync(string name, CancellationToken cancellationToken);

    /// <summary>The digest by which it must know an image.</summary>
    public virtual string DigestOf(TestImage image, string listDigest) => image.ImageId;

    /// <summary>Pushes what it pulled by one name under another.</summary>
    public abstract Task PushAsync(string name, string target, CancellationToken cancellationToken);

    /// <summary>Forgets an image.</summary>
    public abstract Task RemoveAsync(string name, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>Starts an engine of the matrix beside the scene's node.</summary>
    public static async Task<MatrixEngine> StartAsync(string name, MatrixScene scene, CancellationToken cancellationToken) => name switch
    {
        "docker 20.10" => await DockerInMatrix.StartAsync(scene, EnginePrograms.Installed, store: null, cancellationToken),
        "docker 28 classic" => await DockerInMatrix.StartAsync(scene, EnginePrograms.Newer, store: false, cancellationToken),
        "docker 28 containerd" => await DockerInMatrix.StartAsync(scene, EnginePrograms.Newer, store: true, cancellationToken),
        "ctr 1.6" => await ContainerdInMatrix.StartAsync(scene, EnginePrograms.Installed, "1.6.", cancellationToken),
        "ctr 2.1" => await ContainerdInMatrix.StartAsync(scene, EnginePrograms.Newer, "2.", cancellationToken),
        "podman" or "buildah" => new PodmanInMatrix(scene, name, await scene.WriteRegistriesAsync(cancellationToken)),
        _ => throw new ArgumentException($"There is no engine '{name}'.", nameof(name)),
    };
}

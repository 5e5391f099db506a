using System.Net;
using System.Text.Json;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Images;
using Pier.TestKit.Network;

namespace Pier.EndToEndTests.Engines;

/// <summary>A node that takes pushes, before one real registry that stands for docker.io, ghcr.io and quay.io; started when the first test needs it.</summary>
public sealed class MatrixScene : IAsyncDisposable
{
    /// <summary>The node as clients of its host write it into names.</summary>
    public const string Door = "127.0.0.1:5055";

    private const string AnyManifest =
        "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
        + "application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

    private readonly TempFolder _folder = TempFolder.Create("matrix");
    private TestNetwork? _network;
    private UpstreamRegistry? _upstream;
    private HttpClient? _publishing;
    private PierNode? _node;
    private int _images;

    /// <summary>The registries that are to be had by name.</summary>
    public static IReadOnlyList<string> Registries { get; } = ["docker.io", "ghcr.io", "quay.io"];

    /// <summary>The node.</summary>
    public PierNode Node => _node ?? throw new InvalidOperationException("The scene was not started.");

    /// <summary>The one registry behind it.</summary>
    public UpstreamRegistry Upstream => _upstream ?? throw new InvalidOperationException("The scene was not started.");

    /// <summary>A folder for an engine's files.</summary>
    public string MakeFolder() => _folder.MakeFolder(Path.GetRandomFileName());

    /// <summary>Starts everything, once.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_node is not null)
        {
            return;
        }
        _network = await TestNetwork.CreateAsync(cancellationToken);
        var host = await _network.AddHostAsync("upstream", cancellationToken);
        _upstream = await UpstreamRegistry.StartAsync(host, _folder.MakeFolder("registry"), writable: true, cancellationToken);
        _publishing = host.Namespace.CreateHttpClient();
        _node = await PierNode.StartAsync(
            await _network.AddHostAsync("one", cancellationToken),
            new PierNodePlan { DockerHub = _upstream.Address, AlsoThere = [.. Registries.Skip(1)], Flags = ["--push"] },
            cancellationToken);
    }

    /// <summary>Publishes an image for two platforms that nobody has pulled yet.</summary>
    public Task<(TestImage Image, string ListDigest)> PublishAsync(CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _images);
        return SmallImage.PublishListAsync(new ImagePublisher(_publishing!, Upstream.Address), $"library/small{number}", number, cancellationToken);
    }

    /// <summary>The digest by which the node has a tag of its own; null when it has not.</summary>
    public async Task<string?> PushedAsync(string repository, string tag, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, new Uri(PierNode.Mirror, $"/v2/{repository}/manifests/{tag}"));
        request.Headers.TryAddWithoutValidation("Accept", AnyManifest);
        using var answer = await Node.Http.SendAsync(request, cancellationToken);
        return answer.StatusCode == HttpStatusCode.OK ? answer.Headers.GetValues("Docker-Content-Digest").Single() : null;
    }

    /// <summary>Settings of containers/image, for podman, buildah and skopeo, as <c>pier install podman</c> writes them; returns the file.</summary>
    public async Task<string> WriteRegistriesAsync(CancellationToken cancellationToken)
    {
        var text = string.Concat(Registries.Select(registry =>
            $"[[registry]]\nprefix = \"{registry}\"\nlocation = \"{registry}\"\n[[registry.mirror]]\nlocation = \"{Door}/{registry}\"\ninsecure = true\n\n"))
            + $"[[registry]]\nlocation = \"{Door}\"\ninsecure = true\n";
        var file = _folder.Below("registries.conf");
        await File.WriteAllTextAsync(file, text, cancellationToken);
        return file;
    }

    /// <summary>A folder like /etc/docker whose certs.d sends every registry to the node.</summary>
    public async Task<string> WriteDockerSettingsAsync(CancellationToken cancellationToken)
    {
        var settings = MakeFolder();
        var any = Directory.CreateDirectory(Path.Combine(settings, "certs.d", ContainerdEngine.AnyRegistry)).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(any, "hosts.toml"), $"[host.\"http://{Door}\"]\n  capabilities = [\"pull\", \"resolve\"]\n", cancellationToken);
        return settings;
    }

    /// <summary>A string member of a JSON document.</summary>
    public static string Text(string json, string member)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty(member).GetString()!;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _publishing?.Dispose();
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }
        if (_upstream is not null)
        {
            await _upstream.DisposeAsync();
        }
        if (_network is not null)
        {
            await _network.DisposeAsync();
        }
        await _folder.DisposeAsync();
    }
}

/// <summary>The classes that share a <see cref="MatrixScene"/>.</summary>
[CollectionDefinition(Name)]
public sealed class MatrixTests : ICollectionFixture<MatrixScene>
{
    /// <summary>Their name.</summary>
    public const string Name = "matrix";
}

using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Pier.TestKit.Images;

/// <summary>Pushes images to a registry by the OCI distribution protocol ("Pushing blobs", "Pushing manifests").</summary>
public sealed class ImagePublisher(HttpClient client, Uri registry)
{
    private const string ManifestType = "application/vnd.docker.distribution.manifest.v2+json";
    private const string ListType = "application/vnd.docker.distribution.manifest.list.v2+json";
    private const string ConfigType = "application/vnd.docker.container.image.v1+json";
    private const string LayerType = "application/vnd.docker.image.rootfs.diff.tar.gzip";

    /// <summary>Digest of bytes, as registries write it.</summary>
    public static string DigestOf(ReadOnlySpan<byte> bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Pushes a layer's file; returns its digest and size together with the given diff id.</summary>
    public async Task<TestLayer> PushLayerAsync(string repository, string file, string diffId, CancellationToken cancellationToken)
    {
        await using var bytes = File.OpenRead(file);
        var digest = "sha256:" + Convert.ToHexStringLower(await SHA256.HashDataAsync(bytes, cancellationToken));
        bytes.Position = 0;
        await PushBlobAsync(repository, digest, new StreamContent(bytes, 1 << 20), cancellationToken);
        return new TestLayer(digest, bytes.Length, diffId);
    }

    /// <summary>Pushes configuration and manifest of an image whose layers are there already.</summary>
    public Task<TestImage> PushImageAsync(string repository, string tag, IReadOnlyList<TestLayer> layers, CancellationToken cancellationToken) =>
        PushImageAsync(repository, tag, layers, "amd64", cancellationToken);

    /// <summary>Pushes an image for amd64 and arm64 over the same layers; returns the first and the digest of the list that the tag names.</summary>
    public async Task<(TestImage Image, string ListDigest)> PushListAsync(string repository, string tag, IReadOnlyList<TestLayer> layers, CancellationToken cancellationToken)
    {
        var manifests = new JsonArray();
        TestImage? first = null;
        foreach (var architecture in new[] { "amd64", "arm64" })
        {
            var image = await PushImageAsync(repository, $"{tag}-{architecture}", layers, architecture, cancellationToken);
            first ??= image with { Name = $"{image.Name[..image.Name.LastIndexOf(':')]}:{tag}", Tag = tag };
            manifests.Add(new JsonObject
            {
                ["mediaType"] = ManifestType,
                ["digest"] = image.ManifestDigest,
                ["size"] = Encoding.UTF8.GetByteCount(Manifest(image.ImageId, ConfigSize(layers, architecture), layers).ToJsonString()),
                ["platform"] = new JsonObject { ["architecture"] = architecture, ["os"] = "linux" },
            });
        }
        var list = Encoding.UTF8.GetBytes(new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = ListType, ["manifests"] = manifests }.ToJsonString());
        await PushManifestAsync(repository, tag, list, ListType, cancellationToken);
        return (first!, DigestOf(list));
    }

    private static int ConfigSize(IReadOnlyList<TestLayer> layers, string architecture) => Encoding.UTF8.GetByteCount(Config(layers, architecture).ToJsonString());

    private async Task<TestImage> PushImageAsync(string repository, string tag, IReadOnlyList<TestLayer> layers, string architecture, CancellationToken cancellationToken)
    {
        var config = Encoding.UTF8.GetBytes(Config(layers, architecture).ToJsonString());
        var imageId = DigestOf(config);
        await PushBlobAsync(repository, imageId, new ByteArrayContent(config), cancellationToken);
        var manifest = Encoding.UTF8.GetBytes(Manifest(imageId, config.Length, layers).ToJsonString());
        await PushManifestAsync(repository, tag, manifest, ManifestType, cancellationToken);
        return new TestImage(
            $"{repository.Replace("library/", "", StringComparison.Ordinal)}:{tag}",
            repository, tag, DigestOf(manifest), imageId, layers, manifest.Length + config.Length + layers.Sum(layer => layer.Size));
    }

    private async Task PushManifestAsync(string repository, string tag, byte[] manifest, string type, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(manifest);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var answer = await client.PutAsync(new Uri(registry, $"/v2/{repository}/manifests/{tag}"), content, cancellationToken);
        await ExpectAsync(answer, HttpStatusCode.Created, cancellationToken);
    }

    private static JsonObject Config(IReadOnlyList<TestLayer> layers, string architecture) => new()
    {
        ["architecture"] = architecture,
        ["os"] = "linux",
        ["config"] = new JsonObject { ["Cmd"] = new JsonArray("/bin/bash"), ["Env"] = new JsonArray("PATH=/usr/sbin:/usr/bin:/sbin:/bin") },
        ["rootfs"] = new JsonObject
        {
            ["type"] = "layers",
            ["diff_ids"] = new JsonArray([.. layers.Select(layer => JsonValue.Create(layer.DiffId))]),
        },
    };

    private static JsonObject Manifest(string imageId, int configSize, IReadOnlyList<TestLayer> layers) => new()
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = ManifestType,
        ["config"] = new JsonObject { ["mediaType"] = ConfigType, ["size"] = configSize, ["digest"] = imageId },
        ["layers"] = new JsonArray([.. layers.Select(layer => new JsonObject { ["mediaType"] = LayerType, ["size"] = layer.Size, ["digest"] = layer.Digest })]),
    };

    private static async Task ExpectAsync(HttpResponseMessage answer, HttpStatusCode status, CancellationToken cancellationToken)
    {
        if (answer.StatusCode != status)
        {
            throw new HttpRequestException(
                $"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}",
                null,
                answer.StatusCode);
        }
    }

    private async Task PushBlobAsync(string repository, string digest, HttpContent content, CancellationToken cancellationToken)
    {
        using var opened = await client.PostAsync(new Uri(registry, $"/v2/{repository}/blobs/uploads/"), null, cancellationToken);
        await ExpectAsync(opened, HttpStatusCode.Accepted, cancellationToken);
        var location = new Uri(registry, opened.Headers.Location!);
        var target = new Uri(location + (location.Query.Length > 0 ? "&" : "?") + "digest=" + Uri.EscapeDataString(digest));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var answer = await client.PutAsync(target, content, cancellationToken);
        await ExpectAsync(answer, HttpStatusCode.Created, cancellationToken);
    }
}

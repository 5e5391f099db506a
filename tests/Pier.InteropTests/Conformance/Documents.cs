using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pier.Content;
using Pier.Content.Manifests;

namespace Pier.InteropTests.Conformance;

/// <summary>Manifests, made by hand so that every byte is known.</summary>
internal static class Documents
{
    public const string ExampleType = "application/vnd.example.thing.v1+json";

    public static byte[] EmptyObject { get; } = "{}"u8.ToArray();

    public static IReadOnlyList<string> ManifestTypes { get; } =
        [MediaTypes.OciManifest, MediaTypes.OciIndex, MediaTypes.DockerManifest, MediaTypes.DockerManifestList];

    public static byte[] Random(int size) => RandomNumberGenerator.GetBytes(size);

    public static string Descriptor(string mediaType, Digest digest, long size, string more = "") => string.Create(
        CultureInfo.InvariantCulture, $$"""{"mediaType":"{{mediaType}}","digest":"{{digest}}","size":{{size}}{{more}}}""");

    /// <summary>An image manifest; <paramref name="more"/> stands before the closing brace.</summary>
    public static byte[] Image(string config, IEnumerable<string> layers, string more = "", string type = MediaTypes.OciManifest) => Encoding.UTF8.GetBytes(
        $$"""{"schemaVersion":2,"mediaType":"{{type}}","config":{{config}},"layers":[{{string.Join(',', layers)}}]{{more}}}""");

    public static byte[] Index(IEnumerable<string> manifests, string more = "", string type = MediaTypes.OciIndex) => Encoding.UTF8.GetBytes(
        $$"""{"schemaVersion":2,"mediaType":"{{type}}","manifests":[{{string.Join(',', manifests)}}]{{more}}}""");

    /// <summary>Pushes a configuration and a layer and returns a manifest over them, unpushed.</summary>
    public static async Task<byte[]> ImageInAsync(RegistryUnderTest registry, string more = "", DigestAlgorithm algorithm = DigestAlgorithm.Sha256)
    {
        var config = Encoding.UTF8.GetBytes($$"""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]},"x":"{{Guid.NewGuid()}}"}""");
        var layer = Random(100);
        return Image(
            Descriptor(MediaTypes.OciConfig, await registry.PushBlobAsync(config, algorithm), config.Length),
            [Descriptor(MediaTypes.OciLayerGzip, await registry.PushBlobAsync(layer, algorithm), layer.Length)],
            more);
    }

    /// <summary>Pushes an image under a tag and returns its digest and size.</summary>
    public static async Task<(Digest Digest, int Size)> PushImageAsync(RegistryUnderTest registry, string tag, string more = "")
    {
        var manifest = await ImageInAsync(registry, more);
        (await registry.PutManifestAsync(tag, manifest, MediaTypes.OciManifest)).Is(201);
        return (Digest.Compute(manifest), manifest.Length);
    }
}

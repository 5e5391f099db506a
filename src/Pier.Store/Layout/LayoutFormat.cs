using System.Text.Json;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;

namespace Pier.Store.Layout;

/// <summary>The two documents and the paths of an OCI image layout (OCI image-spec v1.1, image-layout.md).</summary>
internal static class LayoutFormat
{
    public const string MarkerName = "oci-layout";
    public const string IndexName = "index.json";
    public const string RefNameKey = "org.opencontainers.image.ref.name";

    private const string Version = "1.0.0";

    public static ReadOnlyMemory<byte> Marker { get; } = """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray();

    public static string BlobName(Digest digest) => $"blobs/{digest.AlgorithmName}/{digest.Hex}";

    /// <summary>The digest of a blob's path; false for any other path.</summary>
    public static bool TryParseBlobName(string name, out Digest digest)
    {
        digest = default;
        var parts = name.Split('/');
        return parts is ["blobs", var algorithm, var hex] && Digest.TryParse($"{algorithm}:{hex}", out digest);
    }

    public static byte[] WriteIndex(IEnumerable<(LayoutImage Image, long Size)> images)
    {
        var document = new LayoutIndexDocument(2, MediaTypes.OciIndex, [.. images.Select(entry => new LayoutIndexEntry(
            entry.Image.MediaType,
            entry.Image.Digest.ToString(),
            entry.Size,
            entry.Image.Name is { } name ? new Dictionary<string, string>(StringComparer.Ordinal) { [RefNameKey] = name } : null))]);
        return JsonSerializer.SerializeToUtf8Bytes(document, StoreJson.Default.LayoutIndexDocument);
    }

    /// <exception cref="ContentFormatException">It is no index.</exception>
    public static ImageIndex ReadIndex(byte[] content)
    {
        try
        {
            return (ImageIndex)ManifestParser.Parse(MediaTypes.OciIndex, content);
        }
        catch (ContentFormatException e)
        {
            throw new ContentFormatException($"{IndexName}: {e.Message}", e);
        }
    }

    /// <exception cref="ContentFormatException">It marks no layout of a version that is known.</exception>
    public static void CheckMarker(byte[] content)
    {
        try
        {
            var version = JsonSerializer.Deserialize(content, StoreJson.Default.LayoutMarkerDocument)?.ImageLayoutVersion;
            if (version != Version)
            {
                throw new ContentFormatException($"{MarkerName} says version '{version}'; expected {Version}.");
            }
        }
        catch (JsonException e)
        {
            throw new ContentFormatException($"{MarkerName} is not JSON: {e.Message}", e);
        }
    }
}

/// <summary>The content of <c>oci-layout</c>.</summary>
internal sealed record LayoutMarkerDocument(string? ImageLayoutVersion);

/// <summary>The content of <c>index.json</c>.</summary>
internal sealed record LayoutIndexDocument(int SchemaVersion, string MediaType, IReadOnlyList<LayoutIndexEntry> Manifests);

/// <summary>A descriptor in <c>index.json</c>.</summary>
internal sealed record LayoutIndexEntry(
    string MediaType, string Digest, long Size, IReadOnlyDictionary<string, string>? Annotations);

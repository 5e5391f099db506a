using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;

namespace Pier.Daemon.Images;

/// <summary>Follows a manifest to the blobs that the store holds of it.</summary>
internal sealed class ImageWalk(IContentStore store)
{
    /// <summary>An index of indexes of manifests is the deepest that registries know; more is a trap.</summary>
    private const int MaxDepth = 8;

    private const int MaxBlobs = 100_000;

    /// <summary>What is held of the image under this root.</summary>
    /// <exception cref="ContentFormatException">Manifests nest too deep or name too much.</exception>
    public async Task<ImageContents> FollowAsync(Digest root, string? mediaType, CancellationToken cancellationToken)
    {
        var held = new Dictionary<Digest, long>();
        var missing = new HashSet<Digest>();
        await VisitAsync(root, mediaType, optional: false, depth: 0, held, missing, cancellationToken);
        return new ImageContents(held, missing.Count);
    }

    private async Task VisitAsync(
        Digest digest, string? mediaType, bool optional, int depth,
        Dictionary<Digest, long> held, HashSet<Digest> missing, CancellationToken cancellationToken)
    {
        if (held.ContainsKey(digest))
        {
            return;
        }
        if (await store.StatAsync(digest, cancellationToken) is not { } blob)
        {
            if (!optional)
            {
                missing.Add(digest);
            }
            return;
        }
        held.Add(digest, blob.Size);
        if (depth > MaxDepth || held.Count > MaxBlobs)
        {
            throw new ContentFormatException($"{digest}: manifests nest deeper than {MaxDepth} or name more than {MaxBlobs} blobs.");
        }
        if (blob.Size > ManifestParser.MaxSize || !(mediaType is null || MediaTypes.IsManifest(mediaType)))
        {
            return;
        }
        var manifest = await ReadAsync(digest, mediaType, cancellationToken);
        foreach (var reference in manifest?.References ?? [])
        {
            // Of an index mostly one platform is held; the others are not missing.
            await VisitAsync(
                reference.Digest, reference.MediaType, manifest is ImageIndex || MediaTypes.IsForeignLayer(reference.MediaType), depth + 1,
                held, missing, cancellationToken);
        }
    }

    /// <summary>Reads and parses a held manifest; null when it was removed meanwhile.</summary>
    public async Task<Manifest?> ReadAsync(Digest digest, string? mediaType, CancellationToken cancellationToken)
    {
        await using var reader = await store.OpenAsync(digest, cancellationToken);
        if (reader is null)
        {
            return null;
        }
        if (reader.Length > ManifestParser.MaxSize)
        {
            throw new ContentFormatException($"{digest} has {reader.Length} bytes; a manifest has at most {ManifestParser.MaxSize}.");
        }
        var content = new byte[reader.Length];
        var read = 0;
        while (read < content.Length && await reader.ReadAtAsync(read, content.AsMemory(read), cancellationToken) is > 0 and var count)
        {
            read += count;
        }
        return ManifestParser.Parse(mediaType, content);
    }
}

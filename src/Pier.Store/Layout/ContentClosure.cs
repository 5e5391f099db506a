using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;

namespace Pier.Store.Layout;

/// <summary>Follows manifests to everything they need, in the store.</summary>
internal sealed class ContentClosure(IContentStore store)
{
    private const int MaxDescriptors = 100_000;
    private const int MaxDepth = 8;

    private readonly Dictionary<Digest, long> _sizes = [];

    /// <summary>
    /// The blobs of all roots with their sizes, each once, what is needed before what needs it. Entries of an index
    /// that are not held are left out, as an image is mostly held for one platform; layers kept elsewhere likewise.
    /// </summary>
    /// <exception cref="ContentNotFoundException">A root, or a blob of an image, is not held; names who needs it.</exception>
    /// <exception cref="ContentMismatchException">A blob has another size than its descriptor says.</exception>
    /// <exception cref="ContentFormatException">A manifest is malformed, or there are too many.</exception>
    public async Task<IReadOnlyList<(Digest Digest, long Size)>> CollectAsync(IEnumerable<LayoutImage> roots, CancellationToken cancellationToken)
    {
        var order = new List<(Digest, long)>();
        foreach (var root in roots)
        {
            var size = await SizeAsync(root.Digest, cancellationToken)
                ?? throw new ContentNotFoundException($"{root.Name ?? "The image"} {root.Digest} is not held.");
            await VisitAsync(new Descriptor(root.MediaType, root.Digest, size), 0, order, cancellationToken);
        }

        return order;
    }

    private async Task VisitAsync(Descriptor descriptor, int depth, List<(Digest, long)> order, CancellationToken cancellationToken)
    {
        if (!_sizes.TryAdd(descriptor.Digest, descriptor.Size))
        {
            return;
        }

        if (_sizes.Count > MaxDescriptors || depth > MaxDepth)
        {
            throw new ContentFormatException($"{descriptor.Digest}: manifests nest deeper than {MaxDepth} or name more than {MaxDescriptors} blobs.");
        }

        if (MediaTypes.IsManifest(descriptor.MediaType))
        {
            await VisitReferencesAsync(await ReadAsync(descriptor, cancellationToken), descriptor, depth, order, cancellationToken);
        }

        order.Add((descriptor.Digest, descriptor.Size));
    }

    private async Task VisitReferencesAsync(
        Manifest manifest, Descriptor owner, int depth, List<(Digest, long)> order, CancellationToken cancellationToken)
    {
        foreach (var reference in manifest.References)
        {
            var size = await SizeAsync(reference.Digest, cancellationToken);
            if (size is null && (manifest is ImageIndex || MediaTypes.IsForeignLayer(reference.MediaType)))
            {
                continue;
            }

            if (size is null)
            {
                throw new ContentNotFoundException($"{reference.Digest}, which {owner.Digest} needs, is missing.");
            }

            if (size != reference.Size)
            {
                throw new ContentMismatchException($"{reference.Digest} has {size} bytes; {owner.Digest} says {reference.Size}.");
            }

            await VisitAsync(reference, depth + 1, order, cancellationToken);
        }
    }

    private async Task<long?> SizeAsync(Digest digest, CancellationToken cancellationToken) =>
        (await store.StatAsync(digest, cancellationToken))?.Size;

    private async Task<Manifest> ReadAsync(Descriptor descriptor, CancellationToken cancellationToken)
    {
        if (descriptor.Size > ManifestParser.MaxSize)
        {
            throw new ContentFormatException($"The manifest {descriptor.Digest} has {descriptor.Size} bytes; at most {ManifestParser.MaxSize} are read.");
        }

        await using var reader = await store.OpenAsync(descriptor.Digest, cancellationToken)
            ?? throw new ContentNotFoundException($"The manifest {descriptor.Digest} was removed meanwhile.");
        var content = new byte[reader.Length];
        var read = 0;
        while (read < content.Length && await reader.ReadAtAsync(read, content.AsMemory(read), cancellationToken) is > 0 and var count)
        {
            read += count;
        }

        try
        {
            return ManifestParser.Parse(descriptor.MediaType, content);
        }
        catch (ContentFormatException e)
        {
            throw new ContentFormatException($"{descriptor.Digest}: {e.Message}", e);
        }
    }
}

using System.Buffers;
using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Store.Layout;

/// <summary>One import under way: what came so far, and what of it was new to the store.</summary>
internal sealed class LayoutImport(IContentStore store)
{
    private const int CopySize = 1 << 20;

    private readonly HashSet<Digest> _added = [];
    private readonly List<IDisposable> _leases = [];

    /// <summary>The content of <c>oci-layout</c>, when it came.</summary>
    public byte[]? Marker { get; set; }

    /// <summary>The content of <c>index.json</c>, when it came.</summary>
    public byte[]? Index { get; set; }

    /// <summary>True when it has the <c>manifest.json</c> of <c>docker save</c>.</summary>
    public bool IsDockerArchive { get; set; }

    /// <summary>Takes one blob, unless the store holds it.</summary>
    /// <exception cref="ContentException">The bytes are not what the name says, or the disk refused.</exception>
    public async Task AddAsync(
        Digest digest, long size, Func<Memory<byte>, CancellationToken, ValueTask<int>> read, CancellationToken cancellationToken)
    {
        _leases.Add(store.Lease([digest]));
        if (await store.StatAsync(digest, cancellationToken) is not null)
        {
            return;
        }

        await using var ingest = await store.IngestAsync(digest, size, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(CopySize);
        try
        {
            while (await read(buffer, cancellationToken) is > 0 and var count)
            {
                await ingest.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        await ingest.SealAsync(cancellationToken);
        _added.Add(digest);
    }

    /// <summary>Checks that the layout is whole, and tells its images.</summary>
    /// <exception cref="ContentException">It is no layout, or something is missing.</exception>
    public async Task<IReadOnlyList<LayoutImage>> CompleteAsync(CancellationToken cancellationToken)
    {
        if (Marker is null || Index is null)
        {
            throw new ContentFormatException(IsDockerArchive
                ? "This is an archive of an older 'docker save', not an OCI image layout. Convert it: skopeo copy docker-archive:FILE oci-archive:FILE2."
                : $"This is no OCI image layout: it has no {(Marker is null ? LayoutFormat.MarkerName : LayoutFormat.IndexName)}.");
        }

        LayoutFormat.CheckMarker(Marker);
        var entries = LayoutFormat.ReadIndex(Index).Manifests;
        var images = entries
            .Select(entry => new LayoutImage(entry.Digest, entry.MediaType, entry.Annotations.GetValueOrDefault(LayoutFormat.RefNameKey)))
            .ToArray();
        try
        {
            var needed = await new ContentClosure(store).CollectAsync(images, cancellationToken);
            var sizes = needed.ToDictionary(blob => blob.Digest, blob => blob.Size);
            if (entries.FirstOrDefault(entry => sizes[entry.Digest] != entry.Size) is { } wrong)
            {
                throw new ContentMismatchException($"{wrong.Digest} has {sizes[wrong.Digest]} bytes; {LayoutFormat.IndexName} says {wrong.Size}.");
            }

            _added.ExceptWith(sizes.Keys);
            return images;
        }
        catch (ContentNotFoundException e)
        {
            throw new ContentFormatException($"The layout is incomplete: {e.Message}", e);
        }
    }

    /// <summary>Removes what came and is not needed: all of a refused layout, the rest of a good one.</summary>
    public async Task DropUnneededAsync()
    {
        _leases.ForEach(lease => lease.Dispose());
        foreach (var digest in _added)
        {
            try
            {
                await store.RemoveAsync(digest, CancellationToken.None);
            }
            catch (ContentInUseException)
            {
                // Somebody else wants it meanwhile: then it is theirs, and proved like any other.
            }
        }
    }
}

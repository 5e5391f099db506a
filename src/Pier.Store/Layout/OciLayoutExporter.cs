using System.Formats.Tar;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Images;
using Pier.Store.Disk;

namespace Pier.Store.Layout;

/// <summary>Writes images from the store as an OCI image layout, byte for byte as they were published.</summary>
public sealed class OciLayoutExporter(IContentStore store)
{
    private const int CopySize = 1 << 20;

    /// <summary>Writes a layout into a folder that is empty or not there.</summary>
    /// <returns>Bytes of all blobs.</returns>
    /// <exception cref="ContentException">An image is not held whole, or the disk refused; says what and where.</exception>
    public async Task<long> ToFolderAsync(IReadOnlyList<LayoutImage> images, string folder, CancellationToken cancellationToken)
    {
        using var lease = await LeaseAsync(images, cancellationToken);
        try
        {
            if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            {
                throw new ContentStorageException($"{folder} is not empty. Give a new folder.");
            }

            foreach (var (digest, _) in lease.Blobs)
            {
                var path = Path.Combine(folder, LayoutFormat.BlobName(digest));
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await using var source = await OpenAsync(digest, cancellationToken);
                await using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
                await source.CopyToAsync(target, CopySize, cancellationToken);
            }

            DurableFile.Replace(Path.Combine(folder, LayoutFormat.MarkerName), LayoutFormat.Marker.Span);

            // Last: who finds an index finds everything that it names.
            DurableFile.Replace(Path.Combine(folder, LayoutFormat.IndexName), lease.Index);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("export to", folder, e);
        }

        return lease.Blobs.Sum(blob => blob.Size);
    }

    /// <summary>Writes a layout as a tar; the same images give the same bytes.</summary>
    /// <returns>Bytes of all blobs.</returns>
    /// <exception cref="ContentException">An image is not held whole; says what is missing.</exception>
    public async Task<long> ToTarAsync(IReadOnlyList<LayoutImage> images, Stream output, CancellationToken cancellationToken)
    {
        using var lease = await LeaseAsync(images, cancellationToken);
        await using var tar = new TarWriter(output, TarEntryFormat.Pax, leaveOpen: true);
        await WriteAsync(tar, LayoutFormat.MarkerName, new MemoryStream(LayoutFormat.Marker.ToArray()), cancellationToken);
        await WriteAsync(tar, LayoutFormat.IndexName, new MemoryStream(lease.Index), cancellationToken);
        foreach (var (digest, _) in lease.Blobs)
        {
            await WriteAsync(tar, LayoutFormat.BlobName(digest), await OpenAsync(digest, cancellationToken), cancellationToken);
        }

        return lease.Blobs.Sum(blob => blob.Size);
    }

    private static async Task WriteAsync(TarWriter tar, string name, Stream content, CancellationToken cancellationToken)
    {
        await using (content)
        {
            const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
            var entry = new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content, Mode = mode, ModificationTime = DateTimeOffset.UnixEpoch };
            await tar.WriteEntryAsync(entry, cancellationToken);
        }
    }

    private async Task<LeasedImages> LeaseAsync(IReadOnlyList<LayoutImage> images, CancellationToken cancellationToken)
    {
        using var roots = store.Lease([.. images.Select(image => image.Digest)]);
        var blobs = await new ContentClosure(store).CollectAsync(images, cancellationToken);
        var sizes = blobs.ToDictionary(blob => blob.Digest, blob => blob.Size);
        var index = LayoutFormat.WriteIndex(images.Select(image => (image, sizes[image.Digest])));
        return new LeasedImages(blobs, index, store.Lease([.. sizes.Keys]));
    }

    private async Task<Stream> OpenAsync(Digest digest, CancellationToken cancellationToken) =>
        new ReaderStream(
            await store.OpenAsync(digest, cancellationToken) ?? throw new ContentNotFoundException($"{digest} was removed meanwhile."), ownsReader: true);

    private sealed record LeasedImages(IReadOnlyList<(Digest Digest, long Size)> Blobs, byte[] Index, IDisposable Lease) : IDisposable
    {
        public void Dispose() => Lease.Dispose();
    }
}

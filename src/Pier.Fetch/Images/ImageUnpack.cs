using System.Formats.Tar;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Fetch.Status;
using Pier.Store.Disk;
using Pier.Store.Images;
using Pier.Store.Tar;

namespace Pier.Fetch.Images;

/// <summary>
/// An image's whole file system as a folder: layers merged, whiteouts applied, with modes, times and links. Owners are left to
/// whoever shows it; devices and pipes are left out.
/// </summary>
internal sealed class ImageUnpack(ImagePull pull, ImageFiles images, IContentStore store)
{
    // Set-user-id programs of an image have no business on this disk.
    private const UnixFileMode Kept = (UnixFileMode)0x1ff;

    /// <summary>Pulls an image for this host's platform and unpacks it.</summary>
    /// <param name="reference">The image.</param>
    /// <param name="folder">Where to; made.</param>
    /// <param name="progress">Told of its layers.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ContentException">It cannot be had, cannot be read, or the disk refused.</exception>
    public async Task RunAsync(ImageReference reference, string folder, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        var pulled = await pull.RunAsync(reference, PlatformScope.Current, progress, cancellationToken);
        using var lease = store.Lease([.. pulled.Manifests.Concat(pulled.Blobs).Select(part => part.Digest)]);
        await UnpackAsync(await images.LayersAsync(pulled, cancellationToken), folder, cancellationToken);
    }

    /// <summary>Unpacks layers, the lowest first.</summary>
    /// <exception cref="ContentException">One is not held or cannot be read, or the disk refused.</exception>
    public async Task UnpackAsync(IReadOnlyList<Descriptor> layers, string folder, CancellationToken cancellationToken)
    {
        var merged = await ImageFileSystem.ReadAsync(store, layers, cancellationToken);
        try
        {
            var folders = MakeFolders(merged, folder);
            var names = merged.Nodes.Where(node => node.Bytes is not null && folders.Contains(LayerPath.Parent(node.Path)))
                .ToLookup(node => (node.Bytes!.Layer, node.Bytes.Number));
            var times = new Dictionary<string, (UnixFileMode Mode, DateTimeOffset Modified)>(StringComparer.Ordinal);
            for (var number = 0; number < layers.Count; number++)
            {
                var layer = new Layer(merged, number, folder, folders, names, times);
                await using var blob = await store.OpenAsync(layers[number].Digest, cancellationToken)
                    ?? throw new ContentNotFoundException($"The layer {layers[number].Digest} is not in the store.");
                await LayerTar.ReadAsync(blob, layers[number], (entryNumber, path, entry) => layer.TakeAsync(entryNumber, path, entry, cancellationToken), cancellationToken);
            }

            MakeLinks(merged, folder, folders);
            // Last and from the deepest: whatever is made in a folder changes its time.
            foreach (var (path, (mode, modified)) in times.OrderByDescending(folder => folder.Key.Length))
            {
                File.SetUnixFileMode(Path.Combine(folder, path), mode & Kept);
                Directory.SetLastWriteTimeUtc(Path.Combine(folder, path), modified.UtcDateTime);
            }
        }
        catch (Exception refused) when (refused is not ContentException and (IOException or UnauthorizedAccessException))
        {
            throw new ContentStorageException($"{folder} cannot be written: {refused.Message}", refused);
        }
    }

    /// <summary>Makes the folders that are reached through folders alone: what an image has below a link would lead out.</summary>
    private static HashSet<string> MakeFolders(ImageFileSystem merged, string folder)
    {
        Directory.CreateDirectory(folder);
        var made = new HashSet<string>(StringComparer.Ordinal) { "" };
        foreach (var node in merged.Nodes.Where(node => node.Kind == TarEntryType.Directory && node.Path.Length > 0).OrderBy(node => node.Path.Length))
        {
            if (made.Contains(LayerPath.Parent(node.Path)))
            {
                Directory.CreateDirectory(Path.Combine(folder, node.Path));
                made.Add(node.Path);
            }
        }

        return made;
    }

    private static void MakeLinks(ImageFileSystem merged, string folder, HashSet<string> folders)
    {
        foreach (var node in merged.Nodes.Where(node => folders.Contains(LayerPath.Parent(node.Path))))
        {
            var path = Path.Combine(folder, node.Path);
            if (node.Kind == TarEntryType.SymbolicLink && node.LinkTarget.Length > 0)
            {
                File.CreateSymbolicLink(path, node.LinkTarget);
            }
        }
    }

    /// <summary>Writes what one layer has the last word on, and what hard links have of it when another hides it.</summary>
    private sealed class Layer(
        ImageFileSystem merged,
        int number,
        string folder,
        HashSet<string> folders,
        ILookup<(int Layer, int Number), ImageNode> names,
        Dictionary<string, (UnixFileMode Mode, DateTimeOffset Modified)> times)
    {
        public async ValueTask<bool> TakeAsync(int entryNumber, string path, TarMember entry, CancellationToken cancellationToken)
        {
            if (entry.Kind == TarEntryType.Directory)
            {
                if (path.Length > 0 && folders.Contains(path) && merged.At(path) is { Kind: TarEntryType.Directory } node && node.Layer == number)
                {
                    times[node.Path] = (entry.Mode, entry.ModificationTime);
                }
            }
            else if (names[(number, entryNumber)].FirstOrDefault() is { } named)
            {
                var first = Path.Combine(folder, named.Path);
                await using (var file = new FileStream(first, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0))
                {
                    await entry.CopyToAsync(file, cancellationToken);
                }

                File.SetUnixFileMode(first, entry.Mode & Kept);
                File.SetLastWriteTimeUtc(first, entry.ModificationTime.UtcDateTime);
                foreach (var other in names[(number, entryNumber)].Skip(1))
                {
                    HardLink.Make(first, Path.Combine(folder, other.Path));
                }
            }

            return true;
        }
    }
}

using System.Formats.Tar;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Store.Disk;
using Pier.Store.Tar;

namespace Pier.Store.Layout;

/// <summary>
/// Takes images from an OCI image layout into the store. Every byte is proved against its digest; blobs that no image
/// of the layout needs do not stay, nor does anything of a layout that is refused.
/// </summary>
public sealed class OciLayoutImporter(IContentStore store, LayoutLimits limits)
{
    /// <summary>Reads a layout from a folder; follows no symbolic links out of it.</summary>
    /// <exception cref="ContentException">It is no layout, damaged or incomplete, or cannot be read; says what and where.</exception>
    public async Task<IReadOnlyList<LayoutImage>> FromFolderAsync(string folder, CancellationToken cancellationToken)
    {
        var import = new LayoutImport(store);
        try
        {
            import.Marker = Read(folder, LayoutFormat.MarkerName);
            import.Index = Read(folder, LayoutFormat.IndexName);
            foreach (var path in Files(folder))
            {
                if (LayoutFormat.TryParseBlobName(Path.GetRelativePath(folder, path), out var digest))
                {
                    await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
                    await import.AddAsync(digest, file.Length, file.ReadAsync, cancellationToken);
                }
            }

            return await import.CompleteAsync(cancellationToken);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("import from", folder, e);
        }
        finally
        {
            await import.DropUnneededAsync();
        }
    }

    /// <summary>Reads a layout from a tar, in one pass.</summary>
    /// <exception cref="ContentException">It is no layout, damaged, incomplete or beyond a bound; says what and where.</exception>
    public async Task<IReadOnlyList<LayoutImage>> FromTarAsync(Stream input, CancellationToken cancellationToken)
    {
        var import = new LayoutImport(store);
        var tar = new BoundedTarReader(input, new TarLimits(limits.Entries, limits.TotalBytes));
        try
        {
            while (await tar.NextAsync(cancellationToken) is { Name: var path, Length: var size } member)
            {
                if (member.Kind != TarEntryType.RegularFile)
                {
                    continue;
                }

                var name = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
                if (LayoutFormat.TryParseBlobName(name, out var digest))
                {
                    await import.AddAsync(digest, size, tar.ReadAsync, cancellationToken);
                }
                else if (name is LayoutFormat.MarkerName)
                {
                    import.Marker = await ReadAsync(tar, name, size, cancellationToken);
                }
                else if (name is LayoutFormat.IndexName)
                {
                    import.Index = await ReadAsync(tar, name, size, cancellationToken);
                }

                import.IsDockerArchive |= name is "manifest.json";
            }

            return await import.CompleteAsync(cancellationToken);
        }
        finally
        {
            await import.DropUnneededAsync();
        }
    }

    private static byte[]? Read(string folder, string name) => DurableFile.Read(Path.Combine(folder, name), ManifestParser.MaxSize);

    private IEnumerable<string> Files(string folder)
    {
        var blobs = Path.Combine(folder, "blobs");
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1, AttributesToSkip = FileAttributes.ReparsePoint };
        return Directory.Exists(blobs) ? Directory.EnumerateFiles(blobs, "*", options).Take(limits.Entries) : [];
    }

    private static async Task<byte[]> ReadAsync(BoundedTarReader tar, string name, long size, CancellationToken cancellationToken)
    {
        if (size > ManifestParser.MaxSize)
        {
            throw new ContentFormatException($"{name} has {size} bytes; at most {ManifestParser.MaxSize} are read.");
        }

        var content = new byte[size];
        for (var read = 0; read < content.Length;)
        {
            read += await tar.ReadAsync(content.AsMemory(read), cancellationToken);
        }

        return content;
    }
}

using System.Formats.Tar;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Store.Disk;

namespace Pier.Store.Images;

/// <summary>Takes a file, or a folder with what lies below it, out of an image whose layers are in the store.</summary>
/// <param name="store">Has them.</param>
public sealed class ImageExtract(IContentStore store)
{
    /// <summary>Writes the path's last part below a folder. Links out of the path are not written; devices never are.</summary>
    /// <param name="layers">The image's layers, the lowest first.</param>
    /// <param name="path">The path in its file system, without leading slash.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was written; null when the image has no such path.</returns>
    /// <exception cref="ContentException">A layer cannot be read, or the disk refused.</exception>
    public async Task<ExtractedPath?> RunAsync(IReadOnlyList<Descriptor> layers, string path, string folder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentNullException.ThrowIfNull(path);
        var files = await ImageFileSystem.ReadAsync(store, layers, cancellationToken);
        if (files.Find(path) is not { } root)
        {
            return null;
        }

        var name = LayerPath.Name(path) is { Length: > 0 } last ? last : "root";
        var written = new List<ExtractedFile>();
        try
        {
            foreach (var layer in Wanted(files, root).GroupBy(node => node.Bytes!.Layer))
            {
                await ExtractAsync(layers[layer.Key], layer.ToLookup(node => node.Bytes!.Number), Relative, folder, written, cancellationToken);
            }
        }
        catch (Exception refused) when (refused is not ContentException and (IOException or UnauthorizedAccessException))
        {
            throw new ContentStorageException($"{folder} cannot be written: {refused.Message}", refused);
        }

        return new ExtractedPath(name, root.Kind != TarEntryType.Directory, [.. written.OrderBy(file => file.Path, StringComparer.Ordinal)]);

        // Put together when it is written: an image may have a million long paths.
        string Relative(ImageNode node) =>
            root.Kind == TarEntryType.Directory ? $"{name}/{node.Path.AsSpan(root.Path.Length).TrimStart('/')}" : name;
    }

    /// <summary>What has bytes, at or below a path.</summary>
    private static IEnumerable<ImageNode> Wanted(ImageFileSystem files, ImageNode root)
    {
        var prefix = root.Path.Length == 0 ? "" : root.Path + "/";
        return root.Kind == TarEntryType.Directory
            ? files.Nodes.Where(node => node.Bytes is not null && node.Path.StartsWith(prefix, StringComparison.Ordinal))
            : new[] { root }.Where(node => node.Bytes is not null);
    }

    private async Task ExtractAsync(
        Descriptor layer,
        ILookup<int, ImageNode> nodes,
        Func<ImageNode, string> relative,
        string folder,
        List<ExtractedFile> written,
        CancellationToken cancellationToken)
    {
        await using var blob = await store.OpenAsync(layer.Digest, cancellationToken)
            ?? throw new ContentNotFoundException($"The layer {layer.Digest} is not in the store.");
        await LayerTar.ReadAsync(
            blob,
            layer,
            async (number, _, entry) =>
            {
                string? first = null;
                foreach (var path in nodes[number].Select(relative))
                {
                    var target = Path.Combine(folder, path);
                    Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                    if (first is null)
                    {
                        // It may be there from an earlier try, as one of several names of a file.
                        File.Delete(target);
                        await using var file = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
                        await entry.CopyToAsync(file, cancellationToken);
                        first = target;
                    }
                    else
                    {
                        Link(first, target);
                    }
                    written.Add(new ExtractedFile(path, entry.Length, entry.Mode.HasFlag(UnixFileMode.UserExecute)));
                }
                return true;
            },
            cancellationToken);
    }

    /// <summary>Another name of a file, as in the image; a copy where the disk knows no such thing.</summary>
    private static void Link(string file, string name)
    {
        try
        {
            HardLink.Make(file, name);
        }
        catch (IOException)
        {
            File.Copy(file, name);
        }
    }
}

/// <summary>What was taken out of an image.</summary>
/// <param name="Name">The path's last part.</param>
/// <param name="IsSingleFile">True when it is no folder.</param>
/// <param name="Files">Its files.</param>
public sealed record ExtractedPath(string Name, bool IsSingleFile, IReadOnlyList<ExtractedFile> Files);

/// <summary>One file that was taken out of an image.</summary>
/// <param name="Path">Path below the folder, with forward slashes.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="IsExecutable">True when it carries the executable bit.</param>
public sealed record ExtractedFile(string Path, long Size, bool IsExecutable);

using System.Formats.Tar;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Fetch.Uris;

namespace Pier.Fetch.Images;

/// <summary>Takes a file, or a folder with what lies below it, out of an image that is in the store.</summary>
internal sealed class ImageFiles(IContentStore store)
{
    /// <summary>Writes the path's last part below a folder. Links out of the path are not written; devices never are.</summary>
    /// <exception cref="ContentNotFoundException">The image has no such path.</exception>
    /// <exception cref="ContentException">A layer cannot be read, or the disk refused.</exception>
    public async Task<Download> ExtractAsync(PulledImage image, string path, string folder, CancellationToken cancellationToken)
    {
        var layers = await LayersAsync(image, cancellationToken);
        var files = await ImageFileSystem.ReadAsync(store, layers, cancellationToken);
        var root = files.Find(path)
            ?? throw new ContentNotFoundException($"{image.Reference.Familiar} has no '/{path}'.");
        var name = LayerPath.Name(path) is { Length: > 0 } last ? last : "root";
        var plan = Plan(files, root, name);
        var written = new List<DownloadedFile>();
        try
        {
            foreach (var layer in plan.GroupBy(step => step.Source.Layer))
            {
                await ExtractAsync(layers[layer.Key], layer.ToLookup(step => step.Source.Path, StringComparer.Ordinal), folder, written, cancellationToken);
            }
        }
        catch (Exception refused) when (refused is not ContentException and (IOException or UnauthorizedAccessException))
        {
            throw new ContentStorageException($"{folder} cannot be written: {refused.Message}", refused);
        }
        return new Download(
            name, root.Kind != TarEntryType.Directory, [.. written.OrderBy(file => file.Path, StringComparer.Ordinal)], image.Sources);
    }

    /// <summary>The layers of the image's manifest for the platform that was asked for, the lowest first.</summary>
    /// <exception cref="ContentException">The manifest is not held, or is none of an image.</exception>
    public async Task<IReadOnlyList<Descriptor>> LayersAsync(PulledImage image, CancellationToken cancellationToken)
    {
        var last = image.Manifests[^1];
        await using var reader = await store.OpenAsync(last.Digest, cancellationToken)
            ?? throw new ContentNotFoundException($"The manifest {last.Digest} is not in the store.");
        var content = new byte[reader.Length];
        for (var offset = 0; offset < content.Length;)
        {
            offset += await reader.ReadAtAsync(offset, content.AsMemory(offset), cancellationToken);
        }
        return ManifestParser.Parse(last.MediaType, content) is ImageManifest manifest
            ? manifest.Layers
            : throw new ContentFormatException($"{last.Digest} is no image manifest.");
    }

    /// <summary>Which entry of which layer becomes which file; hard links are taken from what they link to.</summary>
    private static List<Step> Plan(ImageFileSystem files, ImageNode root, string name)
    {
        var prefix = root.Path.Length == 0 ? "" : root.Path + "/";
        var wanted = root.Kind == TarEntryType.Directory
            ? files.Nodes.Where(node => node.Path.StartsWith(prefix, StringComparison.Ordinal))
            : [root];
        var plan = new List<Step>();
        foreach (var node in wanted)
        {
            var source = node.Kind == TarEntryType.HardLink && LayerPath.Normalize(node.LinkTarget) is { } target ? files.Find(target) : node;
            if (source is { Kind: TarEntryType.RegularFile })
            {
                var relative = root.Kind == TarEntryType.Directory ? $"{name}/{node.Path[prefix.Length..]}" : name;
                plan.Add(new Step(source, relative));
            }
        }
        return plan;
    }

    private async Task ExtractAsync(
        Descriptor layer, ILookup<string, Step> steps, string folder, List<DownloadedFile> written, CancellationToken cancellationToken)
    {
        await using var blob = await store.OpenAsync(layer.Digest, cancellationToken)
            ?? throw new ContentNotFoundException($"The layer {layer.Digest} is not in the store.");
        await LayerTar.ReadAsync(
            blob,
            layer,
            async (path, entry) =>
            {
                if (!steps.Contains(path) || entry.DataStream is null && entry.Length > 0)
                {
                    return true;
                }
                string? first = null;
                foreach (var step in steps[path])
                {
                    var target = Path.Combine(folder, step.Target);
                    Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                    if (first is null)
                    {
                        await using var file = new FileStream(target, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
                        await (entry.DataStream ?? Stream.Null).CopyToAsync(file, 1 << 20, cancellationToken);
                        first = target;
                    }
                    else
                    {
                        File.Copy(first, target, overwrite: true);
                    }
                    written.RemoveAll(file => file.Path == step.Target);
                    written.Add(new DownloadedFile(step.Target, entry.Length, entry.Mode.HasFlag(UnixFileMode.UserExecute)));
                }
                return true;
            },
            cancellationToken);
    }

    private sealed record Step(ImageNode Source, string Target);
}

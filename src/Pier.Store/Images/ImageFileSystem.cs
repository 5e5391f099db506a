using System.Formats.Tar;
using Pier.Content.Contracts;
using Pier.Content.Manifests;

namespace Pier.Store.Images;

/// <summary>
/// The merged view of an image's layers: for each path the layer that has its last word, with whiteouts applied
/// (OCI image-spec, layer.md). Only names are held; bytes are read from the layers when asked for.
/// </summary>
public sealed class ImageFileSystem
{
    private const int MostLinks = 40;
    private const int MostPaths = 2_000_000;

    private readonly Dictionary<string, ImageNode> _nodes = new(StringComparer.Ordinal) { [""] = new ImageNode(-1, "", TarEntryType.Directory, "", UnixFileMode.None) };

    /// <summary>Every path of the merged file system.</summary>
    public IEnumerable<ImageNode> Nodes => _nodes.Values;

    /// <summary>Reads the names of all layers, the lowest first.</summary>
    /// <exception cref="ContentException">A layer is not held, or cannot be read.</exception>
    public static async Task<ImageFileSystem> ReadAsync(IContentStore store, IReadOnlyList<Descriptor> layers, CancellationToken cancellationToken)
    {
        var merged = new ImageFileSystem();
        for (var number = 0; number < layers.Count; number++)
        {
            await merged.ApplyAsync(store, layers[number], number, cancellationToken);
        }
        return merged;
    }

    /// <summary>The node of that very path; null when there is none.</summary>
    public ImageNode? At(string path) => _nodes.GetValueOrDefault(path);

    /// <summary>The node at a path, links followed as a process inside the image would; null when there is none.</summary>
    public ImageNode? Find(string path)
    {
        var links = 0;
        var pending = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var at = "";
        while (pending.TryPop(out var part))
        {
            var next = LayerPath.Resolve(at, part);
            if (!_nodes.TryGetValue(next, out var node))
            {
                return null;
            }
            if (node.Kind != TarEntryType.SymbolicLink)
            {
                at = next;
                continue;
            }
            if (++links > MostLinks)
            {
                return null;
            }
            if (node.LinkTarget.StartsWith('/'))
            {
                at = "";
            }
            foreach (var step in node.LinkTarget.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                pending.Push(step);
            }
        }
        return _nodes.GetValueOrDefault(at);
    }

    private async Task ApplyAsync(IContentStore store, Descriptor layer, int number, CancellationToken cancellationToken)
    {
        await using var blob = await store.OpenAsync(layer.Digest, cancellationToken)
            ?? throw new ContentNotFoundException($"The layer {layer.Digest} is not in the store.");
        await LayerTar.ReadAsync(
            blob,
            layer,
            (path, entry) =>
            {
                Apply(path, entry, number);
                return ValueTask.FromResult(true);
            },
            cancellationToken);
    }

    private void Apply(string path, TarEntry entry, int layer)
    {
        var name = LayerPath.Name(path);
        var folder = LayerPath.Parent(path);
        if (name == LayerPath.Opaque)
        {
            Remove(folder, layer, withRoot: false);
            return;
        }
        if (name.StartsWith(LayerPath.Whiteout, StringComparison.Ordinal))
        {
            Remove(LayerPath.Below(folder, name[LayerPath.Whiteout.Length..]), layer, withRoot: true);
            return;
        }
        if (_nodes.Count >= MostPaths)
        {
            throw new ContentFormatException($"The image has more than {MostPaths} paths.");
        }
        if (_nodes.TryGetValue(path, out var before) && before.Kind == TarEntryType.Directory && entry.EntryType != TarEntryType.Directory)
        {
            Remove(path, layer, withRoot: true);
        }
        AddFolders(folder, layer);
        var kind = entry.EntryType is TarEntryType.V7RegularFile or TarEntryType.ContiguousFile ? TarEntryType.RegularFile : entry.EntryType;
        // What it links to now: an upper layer that has another file of that name, or none, changes nothing here.
        var source = kind == TarEntryType.HardLink && LayerPath.Normalize(entry.LinkName ?? "") is { } target ? Find(target) : null;
        _nodes[path] = new ImageNode(layer, path, kind, entry.LinkName ?? "", entry.Mode, source is { Kind: TarEntryType.HardLink } ? source.Source : source);
    }

    /// <summary>Layers need not list the folders of their files.</summary>
    private void AddFolders(string folder, int layer)
    {
        for (var missing = folder; !_nodes.ContainsKey(missing); missing = LayerPath.Parent(missing))
        {
            _nodes[missing] = new ImageNode(layer, missing, TarEntryType.Directory, "", UnixFileMode.None);
        }
    }

    /// <summary>Hides what lower layers have at and below a path; what this layer has itself stays.</summary>
    private void Remove(string path, int layer, bool withRoot)
    {
        var prefix = path.Length == 0 ? "" : path + "/";
        var hidden = _nodes
            .Where(node => node.Value.Layer < layer && node.Key.Length > 0
                && ((withRoot && node.Key == path) || node.Key.StartsWith(prefix, StringComparison.Ordinal)))
            .Select(node => node.Key)
            .ToArray();
        foreach (var key in hidden)
        {
            _nodes.Remove(key);
        }
    }
}

/// <summary>One path of an image.</summary>
/// <param name="Layer">Number of the layer with its last word, the lowest 0.</param>
/// <param name="Path">Path without leading slash.</param>
/// <param name="Kind">What it is.</param>
/// <param name="LinkTarget">Where a link leads, else empty.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Source">For a hard link the node that has its bytes, which need not be visible any more; else null.</param>
public sealed record ImageNode(int Layer, string Path, TarEntryType Kind, string LinkTarget, UnixFileMode Mode, ImageNode? Source = null)
{
    /// <summary>The entry that has the bytes of a file, under whatever name; null when it is none.</summary>
    public ImageNode? Bytes => (Kind == TarEntryType.HardLink ? Source : this) is { Kind: TarEntryType.RegularFile } bytes ? bytes : null;
}

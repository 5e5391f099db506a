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

    /// <summary>Long names compress to nothing: half a gigabyte is what they may take.</summary>
    private const long MostCharacters = 256L << 20;

    private readonly Dictionary<string, ImageNode> _nodes = new(StringComparer.Ordinal) { [""] = Folder(-1, "") };
    private readonly long _mostCharacters;
    private long _characters;

    private ImageFileSystem(long mostCharacters) => _mostCharacters = mostCharacters;

    /// <summary>Every path of the merged file system.</summary>
    public IEnumerable<ImageNode> Nodes => _nodes.Values;

    /// <summary>Reads the names of all layers, the lowest first.</summary>
    /// <exception cref="ContentException">A layer is not held, cannot be read, or names more than is held in memory.</exception>
    public static Task<ImageFileSystem> ReadAsync(IContentStore store, IReadOnlyList<Descriptor> layers, CancellationToken cancellationToken) =>
        ReadAsync(store, layers, MostCharacters, cancellationToken);

    /// <summary>Reads them within a bound on the characters of all names, hidden ones too.</summary>
    internal static async Task<ImageFileSystem> ReadAsync(
        IContentStore store, IReadOnlyList<Descriptor> layers, long mostCharacters, CancellationToken cancellationToken)
    {
        var merged = new ImageFileSystem(mostCharacters);
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
            (entryNumber, path, entry) =>
            {
                Apply(path, entry, number, entryNumber);
                return ValueTask.FromResult(true);
            },
            cancellationToken);
    }

    private void Apply(string path, TarEntry entry, int layer, int number)
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
        if (path.Length == 0 && entry.EntryType != TarEntryType.Directory)
        {
            // The root is a folder, whatever a layer says.
            return;
        }
        if (_nodes.TryGetValue(path, out var before) && before.Kind == TarEntryType.Directory && entry.EntryType != TarEntryType.Directory)
        {
            Remove(path, layer, withRoot: true);
        }
        AddFolders(folder, layer);
        Add(Node(path, entry, layer, number));
    }

    private ImageNode Node(string path, TarEntry entry, int layer, int number)
    {
        var kind = entry.EntryType is TarEntryType.V7RegularFile or TarEntryType.ContiguousFile ? TarEntryType.RegularFile : entry.EntryType;
        var node = new ImageNode(layer, number, path, kind, "", entry.Mode);
        if (kind is not (TarEntryType.SymbolicLink or TarEntryType.HardLink))
        {
            return node;
        }
        var target = entry.LinkName ?? "";
        if (target.Length > LayerPath.MostLength)
        {
            throw new ContentFormatException($"The image has a link to a path of more than {LayerPath.MostLength} characters.");
        }
        if (kind == TarEntryType.SymbolicLink)
        {
            return node with { LinkTarget = target };
        }
        // What it links to now: an upper layer that has another file of that name, or none, changes nothing here.
        return Linked(target) switch
        {
            { Kind: TarEntryType.SymbolicLink } link => node with { Kind = TarEntryType.SymbolicLink, LinkTarget = link.LinkTarget },
            { Kind: TarEntryType.HardLink } other => node with { Source = other.Source },
            var source => node with { Source = source },
        };
    }

    /// <summary>What a hard link is another name of: its last part is not followed when it is a symbolic link, as by link(2).</summary>
    private ImageNode? Linked(string target) =>
        LayerPath.Normalize(target) is { } path && Find(LayerPath.Parent(path)) is { } folder ? At(LayerPath.Below(folder.Path, LayerPath.Name(path))) : null;

    /// <summary>Layers need not list the folders of their files.</summary>
    private void AddFolders(string folder, int layer)
    {
        for (var missing = folder; !_nodes.ContainsKey(missing); missing = LayerPath.Parent(missing))
        {
            Add(Folder(layer, missing));
        }
    }

    private void Add(ImageNode node)
    {
        // What is hidden counts too: hard links may hold it.
        _characters += node.Path.Length + node.LinkTarget.Length;
        if (_nodes.Count >= MostPaths || _characters > _mostCharacters)
        {
            throw new ContentFormatException($"The image has more than {MostPaths} paths, or more than {_mostCharacters} characters in its paths and links.");
        }
        _nodes[node.Path] = node;
    }

    private static ImageNode Folder(int layer, string path) => new(layer, -1, path, TarEntryType.Directory, "", UnixFileMode.None);

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
/// <param name="Number">Number of its entry in that layer, which may have several of one path; -1 for a folder without one.</param>
/// <param name="Path">Path without leading slash.</param>
/// <param name="Kind">What it is; a hard link to a symbolic link is one itself.</param>
/// <param name="LinkTarget">Where a symbolic link leads, else empty.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Source">For a hard link the node that has its bytes, which need not be visible any more; else null.</param>
public sealed record ImageNode(int Layer, int Number, string Path, TarEntryType Kind, string LinkTarget, UnixFileMode Mode, ImageNode? Source = null)
{
    /// <summary>The entry that has the bytes of a file, under whatever name; null when it is none.</summary>
    public ImageNode? Bytes => (Kind == TarEntryType.HardLink ? Source : this) is { Kind: TarEntryType.RegularFile } bytes ? bytes : null;
}

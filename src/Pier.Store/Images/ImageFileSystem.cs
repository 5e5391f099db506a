using System.Formats.Tar;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Store.Tar;

namespace Pier.Store.Images;

/// <summary>
/// The merged view of an image's layers: for each path the layer that has its last word, with whiteouts applied
/// (OCI image-spec, layer.md). Only names are held; bytes are read from the layers when asked for.
/// </summary>
public sealed class ImageFileSystem
{
    private const int MostLinks = 40;
    private const int MostPaths = 2_000_000;

    private readonly ImageTree _tree = new(ImageNode.Folder(-1, ""));
    private readonly ImageBounds _bounds;
    private long _characters;
    private long _steps;

    private ImageFileSystem(ImageBounds bounds) => _bounds = bounds;

    /// <summary>Every path of the merged file system.</summary>
    public IEnumerable<ImageNode> Nodes => _tree.Nodes;

    /// <summary>How often it looked at a path: the measure of its work.</summary>
    internal long Looks => _tree.Looks;

    /// <summary>Reads the names of all layers, the lowest first.</summary>
    /// <exception cref="ContentException">A layer is not held, cannot be read, or names more than is held in memory.</exception>
    public static Task<ImageFileSystem> ReadAsync(IContentStore store, IReadOnlyList<Descriptor> layers, CancellationToken cancellationToken) =>
        ReadAsync(store, layers, ImageBounds.Usual, cancellationToken);

    /// <summary>Reads them within other bounds.</summary>
    internal static async Task<ImageFileSystem> ReadAsync(
        IContentStore store, IReadOnlyList<Descriptor> layers, ImageBounds bounds, CancellationToken cancellationToken)
    {
        var merged = new ImageFileSystem(bounds);
        for (var number = 0; number < layers.Count; number++)
        {
            await merged.ApplyAsync(store, layers[number], number, cancellationToken);
        }
        return merged;
    }

    /// <summary>The node of that very path; null when there is none.</summary>
    public ImageNode? At(string path) => _tree.At(path)?.Node;

    /// <summary>The node at a path, links followed as a process inside the image would; null when there is none.</summary>
    /// <exception cref="ContentFormatException">The image's links lead through more folders than are followed.</exception>
    public ImageNode? Find(string path) => Follow(path)?.Node;

    private ImageBranch? Follow(string path)
    {
        var links = 0;
        var pending = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var at = _tree.Root;
        while (pending.TryPop(out var part))
        {
            if (++_steps > _bounds.Steps)
            {
                throw new ContentFormatException($"The links of the image lead through more than {_bounds.Steps} folders.");
            }
            if (part is "." or "..")
            {
                at = part == "." ? at : at.Parent ?? at;
                continue;
            }
            if (_tree.Child(at, part) is not { } next)
            {
                return null;
            }
            if (next.Node.Kind != TarEntryType.SymbolicLink)
            {
                at = next;
                continue;
            }
            if (++links > MostLinks)
            {
                return null;
            }
            if (next.Node.LinkTarget.StartsWith('/'))
            {
                at = _tree.Root;
            }
            foreach (var step in next.Node.LinkTarget.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                pending.Push(step);
            }
        }
        return at;
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

    private void Apply(string path, TarMember entry, int layer, int number)
    {
        var name = LayerPath.Name(path);
        var folder = LayerPath.Parent(path);
        if (name.StartsWith(LayerPath.Whiteout, StringComparison.Ordinal))
        {
            Hide(folder, name, layer);
            return;
        }
        if (path.Length == 0)
        {
            // The root is a folder, whatever a layer says.
            _tree.Root.Node = entry.Kind == TarEntryType.Directory ? Node(path, entry, layer, number) : _tree.Root.Node;
            return;
        }
        var below = AddFolders(folder, layer);
        var before = _tree.Child(below, name);
        if (before?.Node.Kind == TarEntryType.Directory && entry.Kind != TarEntryType.Directory)
        {
            _tree.HideBelow(before, layer);
        }
        var node = Node(path, entry, layer, number);
        Count(node);
        if (before is null)
        {
            _tree.Add(below, node);
        }
        else
        {
            before.Node = node;
        }
    }

    /// <summary>Hides what lower layers have at and below a path; what this layer has itself stays.</summary>
    private void Hide(string folder, string whiteout, int layer)
    {
        if (_tree.At(folder) is not { } below)
        {
            return;
        }
        if (whiteout == LayerPath.Opaque)
        {
            _tree.HideBelow(below, layer);
        }
        else if (_tree.Child(below, whiteout.AsSpan(LayerPath.Whiteout.Length)) is { } hidden)
        {
            _tree.Hide(hidden, layer);
        }
    }

    private ImageNode Node(string path, TarMember entry, int layer, int number)
    {
        var node = new ImageNode(layer, number, path, entry.Kind, "", entry.Mode);
        if (entry.Kind is not (TarEntryType.SymbolicLink or TarEntryType.HardLink))
        {
            return node;
        }
        var target = entry.LinkTarget;
        if (target.Length > LayerPath.MostLength)
        {
            throw new ContentFormatException($"The image has a link to a path of more than {LayerPath.MostLength} characters.");
        }
        if (entry.Kind == TarEntryType.SymbolicLink)
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
        LayerPath.Normalize(target) is { Length: > 0 } path && Follow(LayerPath.Parent(path)) is { } folder ? _tree.Child(folder, LayerPath.Name(path))?.Node : null;

    /// <summary>The folder of a path; layers need not list the folders of their files.</summary>
    private ImageBranch AddFolders(string folder, int layer)
    {
        var at = _tree.Root;
        for (var end = 0; end < folder.Length;)
        {
            var start = end == 0 ? 0 : end + 1;
            end = folder.IndexOf('/', start) is var slash and > 0 ? slash : folder.Length;
            if (_tree.Child(at, folder.AsSpan(start, end - start)) is not { } next)
            {
                var missing = ImageNode.Folder(layer, folder[..end]);
                Count(missing);
                next = _tree.Add(at, missing);
            }
            at = next;
        }
        return at;
    }

    private void Count(ImageNode node)
    {
        // What is hidden counts too: hard links may hold it.
        _characters += node.Path.Length + node.LinkTarget.Length;
        if (_tree.Count >= MostPaths || _characters > _bounds.Characters)
        {
            throw new ContentFormatException($"The image has more than {MostPaths} paths, or more than {_bounds.Characters} characters in its paths and links.");
        }
    }
}

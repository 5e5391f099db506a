using System.Diagnostics.CodeAnalysis;

namespace Pier.Store.Images;

/// <summary>
/// The paths of an image as a tree, in which a whiteout looks only at what it hides, and a path is walked once: what a layer costs
/// grows with the layer, however it is made.
/// </summary>
internal sealed class ImageTree
{
    private readonly Dictionary<Place, ImageBranch> _branches = new(Place.ByName);
    private readonly Dictionary<Place, ImageBranch>.AlternateLookup<PlaceName> _byName;

    public ImageTree(ImageNode root)
    {
        Root = new ImageBranch(root, parent: null);
        _byName = _branches.GetAlternateLookup<PlaceName>();
    }

    /// <summary>The root, which stays.</summary>
    public ImageBranch Root { get; }

    /// <summary>Every path, the root included.</summary>
    public IEnumerable<ImageNode> Nodes => _branches.Values.Select(branch => branch.Node).Prepend(Root.Node);

    /// <summary>Paths, the root included.</summary>
    public int Count => _branches.Count + 1;

    /// <summary>How often it looked at a path: the measure of its work.</summary>
    public long Looks { get; private set; }

    /// <summary>What a folder has by a name; null when there is nothing.</summary>
    public ImageBranch? Child(ImageBranch folder, ReadOnlySpan<char> name)
    {
        Looks++;
        return _byName.TryGetValue(new PlaceName(folder, name), out var child) ? child : null;
    }

    /// <summary>What is at that very path, in its one spelling; null when there is nothing.</summary>
    public ImageBranch? At(ReadOnlySpan<char> path)
    {
        var at = Root;
        foreach (var part in path.Split('/'))
        {
            if (path[part].Length > 0)
            {
                if (Child(at, path[part]) is not { } next)
                {
                    return null;
                }
                at = next;
            }
        }
        return at;
    }

    /// <summary>Adds what is not there yet to a folder.</summary>
    public ImageBranch Add(ImageBranch folder, ImageNode node)
    {
        var branch = new ImageBranch(node, folder);
        _branches.Add(new Place(folder, node.Path), branch);
        return branch;
    }

    /// <summary>Hides what layers below one have under a folder; what that layer has itself stays, and so do the folders that lead to it.</summary>
    public void HideBelow(ImageBranch folder, int layer)
    {
        if (folder.ClearedBy == layer)
        {
            // Since then this layer alone has added to it.
            return;
        }
        folder.ClearedBy = layer;
        for (var child = folder.First; child is not null;)
        {
            var next = child.Next;
            Hide(child, layer);
            child = next;
        }
    }

    /// <summary>The same, and what is at the path itself.</summary>
    public void Hide(ImageBranch branch, int layer)
    {
        Looks++;
        HideBelow(branch, layer);
        if (branch.Node.Layer >= layer || branch == Root)
        {
            return;
        }
        if (branch.First is null)
        {
            _branches.Remove(new Place(branch.Parent!, branch.Node.Path));
            branch.Leave();
        }
        else
        {
            branch.Node = ImageNode.Folder(layer, branch.Node.Path);
        }
    }

    /// <summary>A name in a folder, as the last part of the path that is held anyway.</summary>
    private readonly record struct Place(ImageBranch Folder, string Path)
    {
        public static PlaceComparer ByName { get; } = new();

        public PlaceName Name => new(Folder, Path.AsSpan(Path.LastIndexOf('/') + 1));
    }

    private readonly ref struct PlaceName(ImageBranch folder, ReadOnlySpan<char> name)
    {
        private readonly ImageBranch _folder = folder;
        private readonly ReadOnlySpan<char> _name = name;

        /// <summary>Names collide only by chance: the hash has a secret of this process.</summary>
        public int Hash => HashCode.Combine(_folder, string.GetHashCode(_name, StringComparison.Ordinal));

        public bool Is(PlaceName other) => _folder == other._folder && _name.SequenceEqual(other._name);
    }

    private sealed class PlaceComparer : IEqualityComparer<Place>, IAlternateEqualityComparer<PlaceName, Place>
    {
        public bool Equals(Place one, Place other) => one.Name.Is(other.Name);

        public int GetHashCode([DisallowNull] Place place) => place.Name.Hash;

        public bool Equals(PlaceName name, Place place) => name.Is(place.Name);

        public int GetHashCode(PlaceName name) => name.Hash;

        public Place Create(PlaceName name) => throw new NotSupportedException("Places are added with their paths.");
    }
}

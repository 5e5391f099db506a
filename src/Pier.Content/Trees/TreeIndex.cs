using Pier.Content.Contracts;

namespace Pier.Content.Trees;

/// <summary>
/// The names of a tree in memory, some 40 bytes an entry beside the names themselves: what trees whose entries are a list
/// (torrents, datasets) answer look-ups from. Ids number the nodes in the byte order of their paths, so that they follow from
/// the tree alone. Immutable.
/// </summary>
public sealed class TreeIndex
{
    /// <summary>The root directory's id.</summary>
    public const ulong Root = 1;

    private const int NoEntry = -1;
    private const int FolderMode = 0x1ed; // rwxr-xr-x

    private readonly Func<int, TreeEntry> _describe;
    private readonly List<string> _names = [""];
    private readonly List<int> _parents = [NoEntry];
    private readonly List<int> _entries = [NoEntry];
    private int[] _children = [];
    private int[] _firstChild = [];

    private TreeIndex(Func<int, TreeEntry> describe) => _describe = describe;

    /// <summary>Nodes, the root and directories that only follow from paths included.</summary>
    public int Count => _names.Count;

    /// <summary>Makes the index of a list of entries.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="pathOf">The path of each, from the root; the directories above need no entries of their own.</param>
    /// <param name="describe">What else each is; asked again whenever it is needed.</param>
    /// <exception cref="ContentFormatException">A path that cannot be in a tree, or two that cannot be in one; names it.</exception>
    public static TreeIndex Build(int count, Func<int, IReadOnlyList<string>> pathOf, Func<int, TreeEntry> describe)
    {
        ArgumentNullException.ThrowIfNull(pathOf);
        ArgumentNullException.ThrowIfNull(describe);
        var order = new int[count];
        for (var entry = 0; entry < count; entry++)
        {
            Check(pathOf(entry), describe(entry));
            order[entry] = entry;
        }

        Array.Sort(order, (left, right) => Compare(pathOf(left), pathOf(right)));
        var index = new TreeIndex(describe);
        var above = new List<int> { 0 };
        IReadOnlyList<string> previous = [];
        foreach (var entry in order)
        {
            var path = pathOf(entry);
            index.Add(entry, path, Common(previous, path), above);
            previous = path;
        }

        index.GroupChildren();
        return index;
    }

    /// <summary>A node by its id; null when there is none.</summary>
    public TreeNode? Find(ulong id) => id >= Root && id - Root < (ulong)Count ? Describe((int)(id - Root)) : null;

    /// <summary>A child by its name; null when there is none.</summary>
    public TreeNode? Lookup(ulong parent, string name)
    {
        if (!IsNode(parent))
        {
            return null;
        }

        var (low, high) = (_firstChild[parent - Root], _firstChild[parent - Root + 1] - 1);
        while (low <= high)
        {
            var middle = low + (high - low) / 2;
            switch (TreeNames.Compare(_names[_children[middle]], name))
            {
                case 0:
                    return Describe(_children[middle]);
                case < 0:
                    low = middle + 1;
                    break;
                default:
                    high = middle - 1;
                    break;
            }
        }

        return null;
    }

    /// <summary>The children of a directory in the byte order of their names; none for what is no directory.</summary>
    public IEnumerable<TreeNode> Children(ulong directory)
    {
        if (IsNode(directory))
        {
            for (var child = _firstChild[directory - Root]; child < _firstChild[directory - Root + 1]; child++)
            {
                yield return Describe(_children[child]);
            }
        }
    }

    /// <summary>The entry of a file; null for directories, links and ids that name nothing.</summary>
    public int? FileOf(ulong id) =>
        IsNode(id) && _entries[(int)(id - Root)] is var entry and not NoEntry && _describe(entry).Kind == TreeNodeKind.File ? entry : null;

    private bool IsNode(ulong id) => id >= Root && id - Root < (ulong)Count;

    private static void Check(IReadOnlyList<string> path, TreeEntry entry)
    {
        var problem = path.Count is 0 or > TreeNames.MaxDepth ? $"a path of {path.Count} names" : null;
        for (var depth = 0; problem is null && depth < path.Count; depth++)
        {
            problem = TreeNames.Problem(path[depth]);
        }

        if (entry.Kind == TreeNodeKind.SymbolicLink)
        {
            problem ??= entry.LinkTarget is { } target ? TreeNames.LinkProblem(path.Count - 1, target) : "a link without a target";
        }

        if (entry.Size < 0)
        {
            problem ??= $"{entry.Size} bytes";
        }

        if (problem is not null)
        {
            throw Refused(path, problem);
        }
    }

    private static ContentFormatException Refused(IReadOnlyList<string> path, string problem)
    {
        var shown = string.Join('/', path).Replace('\0', '?');
        return new ContentFormatException($"The tree is refused: '{(shown.Length > 300 ? shown[..300] + "…" : shown)}' is {problem}.");
    }

    private static int Common(IReadOnlyList<string> left, IReadOnlyList<string> right)
    {
        var common = 0;
        while (common < left.Count && common < right.Count && left[common] == right[common])
        {
            common++;
        }

        return common;
    }

    private static int Compare(IReadOnlyList<string> left, IReadOnlyList<string> right)
    {
        var common = Common(left, right);
        return common == left.Count || common == right.Count
            ? left.Count - right.Count
            : TreeNames.Compare(left[common], right[common]);
    }

    /// <param name="entry">What is added.</param>
    /// <param name="path">Its path.</param>
    /// <param name="common">Names that it shares with the one before.</param>
    /// <param name="above">Nodes of the path of the one before, the root first.</param>
    private void Add(int entry, IReadOnlyList<string> path, int common, List<int> above)
    {
        if (common == path.Count)
        {
            throw Refused(path, "there twice");
        }

        var parent = _entries[above[common]];
        if (parent != NoEntry && _describe(parent).Kind != TreeNodeKind.Directory)
        {
            throw Refused([.. path.Take(common)], "both a directory and something else");
        }

        above.RemoveRange(common + 1, above.Count - common - 1);
        for (var depth = common; depth < path.Count; depth++)
        {
            _names.Add(path[depth]);
            _parents.Add(above[^1]);
            _entries.Add(depth == path.Count - 1 ? entry : NoEntry);
            above.Add(_names.Count - 1);
        }
    }

    private void GroupChildren()
    {
        _firstChild = new int[Count + 1];
        for (var node = 1; node < Count; node++)
        {
            _firstChild[_parents[node] + 1]++;
        }

        for (var node = 0; node < Count; node++)
        {
            _firstChild[node + 1] += _firstChild[node];
        }

        var next = _firstChild.AsSpan(0, Count).ToArray();
        _children = new int[Count - 1];
        for (var node = 1; node < Count; node++)
        {
            _children[next[_parents[node]]++] = node;
        }
    }

    private TreeNode Describe(int node)
    {
        var entry = _entries[node] == NoEntry ? new TreeEntry(TreeNodeKind.Directory, FolderMode, 0) : _describe(_entries[node]);
        return new TreeNode((ulong)node + Root, _names[node], entry.Kind, entry.Mode, entry.Size, entry.LinkTarget, entry.Modified);
    }
}

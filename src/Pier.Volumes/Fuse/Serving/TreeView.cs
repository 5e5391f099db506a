using Pier.Content.Contracts;
using Pier.Content.Trees;
using Pier.Volumes.Fuse.Protocol;

namespace Pier.Volumes.Fuse.Serving;

/// <summary>A tree's nodes as <c>stat</c> shows them: owner and umask put on.</summary>
internal sealed class TreeView(IContentTree tree, FuseOptions options)
{
    private const uint FileType = 0x8000;
    private const uint DirectoryType = 0x4000;
    private const uint LinkType = 0xa000;

    private readonly IChangingTree? _changing = tree as IChangingTree;

    /// <summary>Whether the kernel may be told of a node under its name. It fails whole directories for one bad name.</summary>
    public static bool IsShown(TreeNode node) => TreeNames.Problem(node.Name) is null;

    /// <summary>Whether the names in a directory are always the same.</summary>
    public bool IsFixed(ulong directory) => _changing is null || _changing.NamesLast(directory) is null;

    /// <summary>Seconds for which the kernel may keep names in a directory, and that there is none.</summary>
    public ulong NameSeconds(ulong directory) => _changing?.NamesLast(directory) is { } time ? (ulong)time.TotalSeconds : FuseAnswers.KeepSeconds;

    /// <summary>What <c>stat</c> shows.</summary>
    public FuseAttributes AttributesOf(TreeNode node) => new(
        node.Id,
        node.Size,
        node.Modified,
        TypeOf(node.Kind) | (uint)(node.Mode & 0xfff & ~(node.Kind == TreeNodeKind.SymbolicLink ? 0 : options.Umask)),
        (uint)node.Links,
        options.Uid,
        options.Gid);

    private static uint TypeOf(TreeNodeKind kind) => kind switch
    {
        TreeNodeKind.Directory => DirectoryType,
        TreeNodeKind.SymbolicLink => LinkType,
        _ => FileType,
    };
}

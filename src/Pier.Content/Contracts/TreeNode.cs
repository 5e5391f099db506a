namespace Pier.Content.Contracts;

/// <summary>One entry of a tree.</summary>
/// <param name="Id">Stable id.</param>
/// <param name="Name">Last path segment, UTF-8, no separators.</param>
/// <param name="Kind">File, directory or symbolic link.</param>
/// <param name="Mode">Permission bits, 0-07777.</param>
/// <param name="Size">Length in bytes; 0 for directories.</param>
/// <param name="LinkTarget">Target of a symbolic link, else null.</param>
/// <param name="Modified">Nanoseconds since 1970; 0 where the source says nothing.</param>
/// <param name="Links">Names that the file has in the tree; all have one id.</param>
public sealed record TreeNode(
    ulong Id, string Name, TreeNodeKind Kind, int Mode, long Size, string? LinkTarget = null, long Modified = 0, int Links = 1);

using Pier.Content.Contracts;

namespace Pier.Content.Trees;

/// <summary>What a tree says of one of its entries besides its path.</summary>
/// <param name="Kind">File, directory or symbolic link.</param>
/// <param name="Mode">Permission bits, 0-07777.</param>
/// <param name="Size">Length in bytes; 0 for directories.</param>
/// <param name="LinkTarget">Target of a symbolic link, else null.</param>
/// <param name="Modified">Nanoseconds since 1970; 0 where the source says nothing.</param>
public readonly record struct TreeEntry(TreeNodeKind Kind, int Mode, long Size, string? LinkTarget = null, long Modified = 0);

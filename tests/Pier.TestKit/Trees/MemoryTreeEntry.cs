namespace Pier.TestKit.Trees;

/// <summary>An entry of a <see cref="MemoryTree"/>: a file with content, a link with a target, else a directory.</summary>
/// <param name="Path">From the root, with slashes.</param>
/// <param name="Content">A file's bytes.</param>
/// <param name="Link">A link's target.</param>
/// <param name="Mode">Permission bits.</param>
public sealed record MemoryTreeEntry(string Path, byte[]? Content = null, string? Link = null, int Mode = 0x1a4);

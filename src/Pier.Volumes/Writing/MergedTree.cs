using System.Text;
using Pier.Content.Contracts;
using Pier.Content.Trees;
using Pier.Volumes.Fuse.Device;

namespace Pier.Volumes.Writing;

/// <summary>
/// What a writable volume shows, put together by overlayfs's rules without going through its mount: a daemon must not read
/// from a mount that it answers itself. Names come in the order of their bytes.
/// </summary>
/// <param name="lower">The content.</param>
/// <param name="upper">What was written over it.</param>
internal sealed class MergedTree(IContentTree lower, string upper)
{
    /// <summary>Every entry, a folder before what is in it.</summary>
    /// <exception cref="ContentFormatException">Something was written that no snapshot can hold; names it.</exception>
    /// <exception cref="IOException">What was written cannot be read.</exception>
    public IAsyncEnumerable<MergedEntry> WalkAsync(CancellationToken cancellationToken) =>
        WalkAsync([], lower.Root, upper, cancellationToken);

    private async IAsyncEnumerable<MergedEntry> WalkAsync(
        string[] path, ulong? below, string? above, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (path.Length > TreeNames.MaxDepth)
        {
            throw new ContentFormatException($"{string.Join('/', path)}: more than {TreeNames.MaxDepth} folders deep.");
        }

        var written = above is null ? [] : Directory.EnumerateFileSystemEntries(above).ToDictionary(child => Path.GetFileName(child), UpperStatus.Of, StringComparer.Ordinal);
        var names = new SortedSet<string>(written.Keys, Comparer<string>.Create(TreeNames.Compare));
        var content = new Dictionary<string, TreeNode>(StringComparer.Ordinal);
        if (below is { } directory)
        {
            await foreach (var node in lower.ReadDirectoryAsync(directory, cancellationToken))
            {
                content[node.Name] = node;
                names.Add(node.Name);
            }
        }

        foreach (var name in names)
        {
            string[] here = [.. path, name];
            var under = content.GetValueOrDefault(name);
            if (!written.TryGetValue(name, out var over))
            {
                yield return MergedEntry.Of(here, under!);
                if (under!.Kind == TreeNodeKind.Directory)
                {
                    await foreach (var entry in WalkAsync(here, under.Id, null, cancellationToken))
                    {
                        yield return entry;
                    }
                }
            }
            else if (!over.IsWhiteout)
            {
                var file = Path.Combine(above!, name);
                yield return MergedEntry.Of(here, over, file);
                if (over.Kind == TreeNodeKind.Directory)
                {
                    var shines = under is { Kind: TreeNodeKind.Directory } && !over.IsOpaque;
                    await foreach (var entry in WalkAsync(here, shines ? under!.Id : null, file, cancellationToken))
                    {
                        yield return entry;
                    }
                }
            }
        }
    }
}

/// <summary>One name of a merged tree.</summary>
/// <param name="Path">Its path below the root.</param>
/// <param name="Kind">What it is.</param>
/// <param name="IsExecutable">Whether anybody may run it.</param>
/// <param name="Target">Where a link points.</param>
/// <param name="Lower">The content's node; 0 for what was written.</param>
/// <param name="Upper">The file that was written; null for what is of the content.</param>
internal sealed record MergedEntry(IReadOnlyList<string> Path, TreeNodeKind Kind, bool IsExecutable, string? Target, ulong Lower, string? Upper)
{
    private const int AnyExecute = 0x49;

    /// <summary>A node of the content.</summary>
    public static MergedEntry Of(IReadOnlyList<string> path, TreeNode node) =>
        new(path, node.Kind, (node.Mode & AnyExecute) != 0, node.LinkTarget, node.Id, null);

    /// <summary>Something that was written.</summary>
    /// <exception cref="ContentFormatException">It is a pipe, a socket or a device, or its name cannot be kept.</exception>
    public static MergedEntry Of(IReadOnlyList<string> path, UpperStatus status, string file)
    {
        var shown = new StringBuilder().AppendJoin('/', path);
        if (TreeNames.Problem(path[^1]) is { } problem)
        {
            throw new ContentFormatException($"{shown} cannot be published: {problem}.");
        }

        return new MergedEntry(
            path,
            status.Kind ?? throw new ContentFormatException($"{shown} cannot be published: it is a pipe, a socket or a device. Remove it first."),
            (status.Mode & AnyExecute) != 0,
            status.Kind == TreeNodeKind.SymbolicLink ? new FileInfo(file).LinkTarget : null,
            0,
            file);
    }
}

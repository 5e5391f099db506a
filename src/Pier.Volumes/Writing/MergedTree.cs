using System.Runtime.CompilerServices;
using System.Text;
using Pier.Content.Contracts;
using Pier.Content.Trees;

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
    public async IAsyncEnumerable<MergedEntry> WalkAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var root = UpperEntry.Open(upper);
        await foreach (var entry in WalkAsync([], lower.Root, root, cancellationToken))
        {
            yield return entry;
        }
    }

    private async IAsyncEnumerable<MergedEntry> WalkAsync(
        string[] path, ulong? below, UpperEntry? above, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (path.Length > TreeNames.MaxDepth)
        {
            throw new ContentFormatException($"{string.Join('/', path)}: more than {TreeNames.MaxDepth} folders deep.");
        }

        var written = above is null ? [] : above.Names().ToHashSet(StringComparer.Ordinal);
        var names = new SortedSet<string>(written, Comparer<string>.Create(TreeNames.Compare));
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
            if (!written.Contains(name))
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
            else
            {
                var file = Path.Combine(above!.Path, name);
                using var over = UpperEntry.Open(file);
                if (over?.Status is not { IsWhiteout: false } status)
                {
                    continue;
                }

                yield return MergedEntry.Of(here, status, over, status.Kind == TreeNodeKind.SymbolicLink ? new FileInfo(file).LinkTarget : null);
                if (status.Kind == TreeNodeKind.Directory)
                {
                    var shines = under is { Kind: TreeNodeKind.Directory } && !status.IsOpaque;
                    await foreach (var entry in WalkAsync(here, shines ? under!.Id : null, over, cancellationToken))
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
/// <param name="Upper">What was written, held until the next name is asked for; null for what is of the content.</param>
internal sealed record MergedEntry(IReadOnlyList<string> Path, TreeNodeKind Kind, bool IsExecutable, string? Target, ulong Lower, UpperEntry? Upper)
{
    private const int AnyExecute = 0x49;

    /// <summary>A node of the content.</summary>
    public static MergedEntry Of(IReadOnlyList<string> path, TreeNode node) =>
        new(path, node.Kind, (node.Mode & AnyExecute) != 0, node.LinkTarget, node.Id, null);

    /// <summary>Something that was written.</summary>
    /// <exception cref="ContentFormatException">It is a pipe, a socket or a device, or its name cannot be kept.</exception>
    /// <exception cref="ContentInUseException">It was a link a moment ago.</exception>
    public static MergedEntry Of(IReadOnlyList<string> path, UpperStatus status, UpperEntry held, string? target)
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
            status.Kind == TreeNodeKind.SymbolicLink ? target ?? throw UpperEntry.Changing(path) : null,
            0,
            held);
    }
}

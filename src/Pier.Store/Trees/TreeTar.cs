using System.Buffers;
using Pier.Content.Contracts;

namespace Pier.Store.Trees;

/// <summary>A tree as a tar that follows from its names, bytes, links and executable bits alone: entries in the byte order of their paths.</summary>
public static class TreeTar
{
    private const int CopySize = 1 << 20;
    private const int EndBlocks = 2;

    /// <summary>Writes the tar into a blob that is being made; the root itself is no entry.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="into">The blob.</param>
    /// <param name="isWanted">Which paths become entries, those of directories too; null for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ContentException">A file cannot be read, or has another length than the tree says.</exception>
    public static async Task WriteAsync(IContentTree tree, IContentIngest into, Func<string, bool>? isWanted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tree);
        ArgumentNullException.ThrowIfNull(into);
        var buffer = ArrayPool<byte>.Shared.Rent(CopySize);
        try
        {
            var writer = new Writer(tree, into, isWanted, buffer);
            await writer.FolderAsync(tree.Root, "", cancellationToken);
            await into.WriteAsync(new byte[EndBlocks * TarHeaderText.BlockSize], cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private sealed class Writer(IContentTree tree, IContentIngest into, Func<string, bool>? isWanted, byte[] buffer)
    {
        public async Task FolderAsync(ulong folder, string path, CancellationToken cancellationToken)
        {
            await foreach (var node in tree.ReadDirectoryAsync(folder, cancellationToken))
            {
                var below = path.Length == 0 ? node.Name : $"{path}/{node.Name}";
                if (isWanted?.Invoke(below) == false)
                {
                    continue;
                }

                var size = node.Kind == TreeNodeKind.File ? node.Size : 0;
                await into.WriteAsync(TarHeaderText.Write(below, node, size), cancellationToken);
                if (node.Kind == TreeNodeKind.Directory)
                {
                    await FolderAsync(node.Id, below, cancellationToken);
                }
                else if (size > 0)
                {
                    await ContentAsync(node, below, cancellationToken);
                }
            }
        }

        private async Task ContentAsync(TreeNode node, string path, CancellationToken cancellationToken)
        {
            await using var file = await tree.OpenAsync(node.Id, cancellationToken);
            for (var offset = 0L; offset < node.Size;)
            {
                var wanted = (int)Math.Min(buffer.Length, node.Size - offset);
                var read = await file.ReadAtAsync(offset, buffer.AsMemory(0, wanted), cancellationToken);
                if (read == 0)
                {
                    throw new ContentMismatchException($"'{path}' ended at byte {offset} and should have {node.Size}.");
                }

                await into.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                offset += read;
            }

            var padding = (int)(TarHeaderText.Padded(node.Size) - node.Size);
            await into.WriteAsync(new byte[padding], cancellationToken);
        }
    }
}

using System.Security.Cryptography;
using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Volumes.Shelf;

/// <summary>Holds the only file of a tree against its digest.</summary>
internal static class OnlyFile
{
    private const int ReadSize = 1 << 20;

    /// <summary>Returns when the file is what it should be.</summary>
    /// <exception cref="ContentMismatchException">It is not.</exception>
    /// <exception cref="ContentFormatException">The tree is not of one file.</exception>
    public static async Task CheckAsync(IContentTree tree, Digest digest, CancellationToken cancellationToken)
    {
        TreeNode? only = null;
        await foreach (var node in tree.ReadDirectoryAsync(tree.Root, cancellationToken))
        {
            only = only is null && node.Kind == TreeNodeKind.File
                ? node
                : throw new ContentFormatException("sha256: the content is not a single file.");
        }

        await using var file = await tree.OpenAsync(only?.Id ?? throw new ContentFormatException("sha256: the content is empty."), cancellationToken);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[ReadSize];
        for (var offset = 0L; await file.ReadAtAsync(offset, buffer, cancellationToken) is > 0 and var read; offset += read)
        {
            hash.AppendData(buffer, 0, read);
        }

        var actual = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (actual != digest.Hex)
        {
            throw new ContentMismatchException($"sha256: '{only.Name}' is sha256:{actual}, not {digest}.");
        }
    }
}

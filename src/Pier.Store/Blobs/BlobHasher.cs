using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Pier.Content;

namespace Pier.Store.Blobs;

/// <summary>The names that bytes turned out to have.</summary>
/// <param name="Named">In the algorithm that was asked for.</param>
/// <param name="Sha256">In SHA-256, which swarms use (design §4).</param>
internal readonly record struct BlobNames(Digest Named, Digest Sha256);

/// <summary>Hashes bytes as they pass: in the algorithm of the wanted name, and in SHA-256 where that is another one.</summary>
internal sealed class BlobHasher : IDisposable
{
    private readonly DigestAlgorithm _algorithm;
    private readonly IncrementalHash _named;
    private readonly IncrementalHash? _sha256;

    public BlobHasher(DigestAlgorithm algorithm)
    {
        _algorithm = algorithm;
        _named = Digest.CreateHash(algorithm);
        _sha256 = algorithm == DigestAlgorithm.Sha256 ? null : Digest.CreateHash(DigestAlgorithm.Sha256);
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _named.AppendData(bytes);
        _sha256?.AppendData(bytes);
    }

    /// <summary>The names of all bytes since the start or the last call, and starts anew.</summary>
    public BlobNames Finish()
    {
        Span<byte> hash = stackalloc byte[64];
        var named = Digest.FromHash(_algorithm, hash[.._named.GetHashAndReset(hash)]);
        return _sha256 is null
            ? new BlobNames(named, named)
            : new BlobNames(named, Digest.FromHash(DigestAlgorithm.Sha256, hash[.._sha256.GetHashAndReset(hash)]));
    }

    /// <summary>The SHA-256 name of a file's bytes.</summary>
    public static async Task<Digest> HashFileAsync(string path, Action<int>? hashed, CancellationToken cancellationToken)
    {
        using var file = OpenFile(path);
        return await HashFileAsync(file, hashed, cancellationToken);
    }

    /// <summary>Opens a file to be hashed, which others may replace meanwhile.</summary>
    public static SafeFileHandle OpenFile(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);

    /// <summary>The SHA-256 name of an open file's bytes.</summary>
    public static async Task<Digest> HashFileAsync(SafeFileHandle file, Action<int>? hashed, CancellationToken cancellationToken)
    {
        const int bufferSize = 1 << 20;
        using var hasher = new BlobHasher(DigestAlgorithm.Sha256);
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(bufferSize);
        try
        {
            var offset = 0L;
            while (await RandomAccess.ReadAsync(file, buffer.AsMemory(0, bufferSize), offset, cancellationToken) is > 0 and var count)
            {
                hasher.Append(buffer.AsSpan(0, count));
                offset += count;
                hashed?.Invoke(count);
            }

            return hasher.Finish().Sha256;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose()
    {
        _named.Dispose();
        _sha256?.Dispose();
    }
}

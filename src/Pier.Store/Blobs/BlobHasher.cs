using System.Security.Cryptography;
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

    public void Dispose()
    {
        _named.Dispose();
        _sha256?.Dispose();
    }
}

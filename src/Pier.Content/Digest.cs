using System.Buffers;
using System.Security.Cryptography;

namespace Pier.Content;

/// <summary>
/// The name of a blob by its bytes: <c>algorithm:hex</c> (OCI image-spec, descriptor.md, "Digests").
/// </summary>
public readonly record struct Digest
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private readonly string? _hex;

    private Digest(DigestAlgorithm algorithm, string hex)
    {
        Algorithm = algorithm;
        _hex = hex;
    }

    /// <summary>The hash function.</summary>
    public DigestAlgorithm Algorithm { get; }

    /// <summary>Lower-case hex digits: 64 for SHA-256, 128 for SHA-512.</summary>
    public string Hex => _hex ?? throw new InvalidOperationException("This digest was never set.");

    /// <summary>True for the default value, which names nothing.</summary>
    public bool IsEmpty => _hex is null;

    /// <summary>The algorithm's name as digests spell it.</summary>
    public string AlgorithmName => Algorithm == DigestAlgorithm.Sha256 ? "sha256" : "sha512";

    /// <summary>Parses <c>sha256:…</c> or <c>sha512:…</c> with lower-case hex of the exact length.</summary>
    /// <exception cref="FormatException">The text is not a digest that Pier knows; the message says why.</exception>
    public static Digest Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var digest)
            ? digest
            : throw new FormatException(
                $"'{Shorten(text)}' is not a digest: expected sha256: and 64, or sha512: and 128, lower-case hex digits.");

    /// <summary>Parses a digest; false when the text is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Digest digest)
    {
        digest = default;
        var colon = text.IndexOf(':');
        if (colon < 0)
        {
            return false;
        }

        DigestAlgorithm algorithm;
        if (text[..colon].SequenceEqual("sha256"))
        {
            algorithm = DigestAlgorithm.Sha256;
        }
        else if (text[..colon].SequenceEqual("sha512"))
        {
            algorithm = DigestAlgorithm.Sha512;
        }
        else
        {
            return false;
        }

        var digits = text[(colon + 1)..];
        if (digits.Length != HashSize(algorithm) * 2 || digits.ContainsAnyExcept(HexDigits))
        {
            return false;
        }

        digest = new Digest(algorithm, digits.ToString());
        return true;
    }

    /// <summary>The digest whose raw hash is given: 32 bytes for SHA-256, 64 for SHA-512.</summary>
    public static Digest FromHash(DigestAlgorithm algorithm, ReadOnlySpan<byte> hash)
    {
        if (hash.Length != HashSize(algorithm))
        {
            throw new ArgumentException($"A {algorithm} hash has {HashSize(algorithm)} bytes, not {hash.Length}.", nameof(hash));
        }

        return new Digest(algorithm, Convert.ToHexStringLower(hash));
    }

    /// <summary>Hashes bytes that are all in memory.</summary>
    public static Digest Compute(ReadOnlySpan<byte> content, DigestAlgorithm algorithm = DigestAlgorithm.Sha256)
    {
        Span<byte> hash = stackalloc byte[64];
        var written = algorithm == DigestAlgorithm.Sha256
            ? SHA256.HashData(content, hash)
            : SHA512.HashData(content, hash);
        return FromHash(algorithm, hash[..written]);
    }

    /// <summary>An incremental hash of the given algorithm; the caller disposes it.</summary>
    public static IncrementalHash CreateHash(DigestAlgorithm algorithm) =>
        IncrementalHash.CreateHash(algorithm == DigestAlgorithm.Sha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA512);

    /// <summary>Bytes of a raw hash.</summary>
    public static int HashSize(DigestAlgorithm algorithm) => algorithm == DigestAlgorithm.Sha256 ? 32 : 64;

    /// <summary>The raw hash bytes.</summary>
    public byte[] ToHash() => Convert.FromHexString(Hex);

    /// <summary>The first 12 hex digits, as people know them from <c>docker images</c>.</summary>
    public string Short => Hex[..12];

    /// <inheritdoc/>
    public override string ToString() => IsEmpty ? "" : $"{AlgorithmName}:{_hex}";

    private static string Shorten(ReadOnlySpan<char> text) => text.Length <= 200 ? text.ToString() : $"{text[..200]}…";
}

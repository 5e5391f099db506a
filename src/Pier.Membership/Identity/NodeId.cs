using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pier.Membership.Identity;

/// <summary>
/// A node's name that nobody else can claim: base32 of SHA-256 of its public key (design §5). It is also the
/// fingerprint by which the node's certificate is pinned on the node port.
/// </summary>
public readonly record struct NodeId : IComparable<NodeId>
{
    /// <summary>Bytes of a fingerprint.</summary>
    public const int Size = SHA256.HashSizeInBytes;

    private readonly string? text;

    private NodeId(string text) => this.text = text;

    /// <summary>True for the default value, which names nobody.</summary>
    public bool IsEmpty => text is null;

    /// <summary>The first eight characters, enough to tell nodes apart in a list.</summary>
    public string Short => text is null ? "" : text[..8];

    /// <summary>The id of a public key, given as DER SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).</summary>
    public static NodeId OfPublicKey(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(subjectPublicKeyInfo, hash);
        return new NodeId(Base32.Encode(hash));
    }

    /// <summary>The id of the key that a certificate carries; nothing else in the certificate counts.</summary>
    public static NodeId OfCertificate(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return OfPublicKey(certificate.PublicKey.ExportSubjectPublicKeyInfo());
    }

    /// <summary>The id with the given fingerprint of <see cref="Size"/> bytes.</summary>
    public static NodeId FromFingerprint(ReadOnlySpan<byte> fingerprint)
    {
        if (fingerprint.Length != Size)
        {
            throw new ArgumentException($"A fingerprint has {Size} bytes, not {fingerprint.Length}.", nameof(fingerprint));
        }

        return new NodeId(Base32.Encode(fingerprint));
    }

    /// <summary>Parses 52 lower-case base32 characters.</summary>
    /// <exception cref="FormatException">The text is no node id.</exception>
    public static NodeId Parse(ReadOnlySpan<char> text) => TryParse(text, out var id)
        ? id
        : throw new FormatException($"'{text[..Math.Min(text.Length, 60)]}' is not a node id: expected 52 characters of a-z and 2-7.");

    /// <summary>Parses an id; false when the text is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out NodeId id)
    {
        Span<byte> fingerprint = stackalloc byte[Size];
        var valid = Base32.TryDecode(text, fingerprint);
        id = valid ? new NodeId(text.ToString()) : default;
        return valid;
    }

    /// <summary>The fingerprint's <see cref="Size"/> bytes.</summary>
    public byte[] ToFingerprint()
    {
        var fingerprint = new byte[Size];
        if (text is null || !Base32.TryDecode(text, fingerprint))
        {
            throw new InvalidOperationException("This node id was never set.");
        }

        return fingerprint;
    }

    /// <inheritdoc/>
    public int CompareTo(NodeId other) => string.CompareOrdinal(text, other.text);

    /// <summary>Ordinal order of the texts.</summary>
    public static bool operator <(NodeId left, NodeId right) => left.CompareTo(right) < 0;

    /// <summary>Ordinal order of the texts.</summary>
    public static bool operator >(NodeId left, NodeId right) => left.CompareTo(right) > 0;

    /// <summary>Ordinal order of the texts.</summary>
    public static bool operator <=(NodeId left, NodeId right) => left.CompareTo(right) <= 0;

    /// <summary>Ordinal order of the texts.</summary>
    public static bool operator >=(NodeId left, NodeId right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => text ?? "";
}

using System.Security.Cryptography;
using Pier.Membership.Identity;

namespace Pier.Membership.Joining;

/// <summary>
/// What a node needs to join: the cluster's secret, and the id of the node to join, which pins that node's
/// certificate on first contact. Text form: <c>pier-join-1-</c> and base32 of secret, fingerprint and a checksum.
/// </summary>
public sealed class JoinToken
{
    /// <summary>Bytes of a cluster secret.</summary>
    public const int SecretSize = 32;

    private const string Prefix = "pier-join-1-";
    private const int ChecksumSize = 4;
    private const int BodySize = SecretSize + NodeId.Size + ChecksumSize;

    private readonly byte[] secret;

    /// <summary>A token for joining <paramref name="node"/>.</summary>
    public JoinToken(ReadOnlySpan<byte> secret, NodeId node)
    {
        if (secret.Length != SecretSize)
        {
            throw new ArgumentException($"A cluster secret has {SecretSize} bytes, not {secret.Length}.", nameof(secret));
        }

        this.secret = secret.ToArray();
        Node = node;
    }

    /// <summary>The node to join.</summary>
    public NodeId Node { get; }

    /// <summary>The cluster's secret; never to be logged.</summary>
    public ReadOnlyMemory<byte> Secret => secret;

    /// <summary>Parses a token; white space around it is ignored.</summary>
    /// <exception cref="FormatException">The text is no token; the message does not repeat it.</exception>
    public static JoinToken Parse(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            throw new FormatException($"A join token begins with '{Prefix}'; 'pier cluster token' prints one.");
        }

        Span<byte> body = stackalloc byte[BodySize];
        if (!Base32.TryDecode(text[Prefix.Length..], body))
        {
            throw new FormatException($"The join token is cut or changed: after '{Prefix}' come {((BodySize * 8) + 4) / 5} characters of a-z and 2-7.");
        }

        Span<byte> checksum = stackalloc byte[ChecksumSize];
        Checksum(body[..^ChecksumSize], checksum);
        if (!checksum.SequenceEqual(body[^ChecksumSize..]))
        {
            throw new FormatException("The join token has a typing error: its checksum does not match.");
        }

        return new JoinToken(body[..SecretSize], NodeId.FromFingerprint(body.Slice(SecretSize, NodeId.Size)));
    }

    /// <summary>Parses a token; false when the text is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out JoinToken? token)
    {
        try
        {
            token = Parse(text);
            return true;
        }
        catch (FormatException)
        {
            token = null;
            return false;
        }
    }

    /// <summary>The token's text, secret included: for the operator's eyes, never for logs.</summary>
    public string Reveal()
    {
        Span<byte> body = stackalloc byte[BodySize];
        secret.CopyTo(body);
        Node.ToFingerprint().CopyTo(body[SecretSize..]);
        Checksum(body[..^ChecksumSize], body[^ChecksumSize..]);
        return Prefix + Base32.Encode(body);
    }

    /// <summary>Names the node only.</summary>
    public override string ToString() => $"join token for node {Node.Short}";

    private static void Checksum(ReadOnlySpan<byte> content, Span<byte> checksum)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        hash[..ChecksumSize].CopyTo(checksum);
    }
}

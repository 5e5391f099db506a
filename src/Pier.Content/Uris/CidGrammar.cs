using System.Buffers;

namespace Pier.Content.Uris;

/// <summary>
/// Tells by length and alphabet whether a text can be a CID (github.com/multiformats/cid) or an IPNS key; what it
/// holds is the IPFS room's business.
/// </summary>
internal static class CidGrammar
{
    private const int MinV1Length = 8;
    private const int MaxV1Length = 256;

    private static readonly SearchValues<char> Base58 = SearchValues.Create("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz");
    private static readonly SearchValues<char> Base36 = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz");
    private static readonly SearchValues<char> Base32 = SearchValues.Create("abcdefghijklmnopqrstuvwxyz234567");
    private static readonly SearchValues<char> Base16 = SearchValues.Create("0123456789abcdef");
    private static readonly SearchValues<char> Base64Url = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>A CIDv0, or a CIDv1 in one of the multibase encodings in use.</summary>
    public static bool IsCid(ReadOnlySpan<char> text)
    {
        if (text.Length == 46 && text.StartsWith("Qm"))
        {
            return !text.ContainsAnyExcept(Base58);
        }

        if (text.Length is < MinV1Length or > MaxV1Length)
        {
            return false;
        }

        var alphabet = text[0] switch
        {
            'b' => Base32,
            'z' => Base58,
            'k' => Base36,
            'f' => Base16,
            'u' => Base64Url,
            _ => null,
        };
        return alphabet is not null && !text[1..].ContainsAnyExcept(alphabet);
    }

    /// <summary>A peer id as older IPNS names write it: base58 of a key's multihash (Ed25519 begins with 12D3KooW).</summary>
    public static bool IsPeerId(ReadOnlySpan<char> text) =>
        text.Length == 52 && text.StartsWith("12D3KooW") && !text.ContainsAnyExcept(Base58);
}

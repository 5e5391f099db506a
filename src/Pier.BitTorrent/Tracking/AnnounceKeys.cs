using System.Security.Cryptography;
using System.Text;

namespace Pier.BitTorrent.Tracking;

/// <summary>
/// The keys of a tracker that is not for everybody, each a part of an announce URL's path: <c>/announce/KEY</c> or
/// <c>/KEY/announce</c>. Compared in constant time; never logged.
/// </summary>
public sealed class AnnounceKeys
{
    /// <summary>Longest key, in characters.</summary>
    public const int MaxLength = 128;

    /// <summary>Shortest key, in characters: none that is guessed by trying.</summary>
    public const int MinLength = 16;

    private readonly byte[][] _hashes;

    /// <param name="keys">The keys: letters, digits, <c>-</c> and <c>_</c>. None opens the tracker to all.</param>
    /// <exception cref="ArgumentException">A key has another form; its text is not repeated.</exception>
    public AnnounceKeys(IReadOnlyList<string> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (keys.Any(key => !IsKey(key)))
        {
            throw new ArgumentException($"an announce key has {MinLength} to {MaxLength} letters, digits, - and _", nameof(keys));
        }

        // Hashes have one length: a comparison tells nothing of a key's.
        _hashes = [.. keys.Select(key => SHA256.HashData(Encoding.ASCII.GetBytes(key)))];
    }

    /// <summary>No key is wanted.</summary>
    public static AnnounceKeys None { get; } = new([]);

    /// <summary>Whether a key is wanted.</summary>
    public bool AreWanted => _hashes.Length > 0;

    /// <summary>Whether a key may be used at all.</summary>
    public static bool IsKey(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length is >= MinLength and <= MaxLength && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');
    }

    /// <summary>Whether the path of an announce or scrape URL, still with its query or not, opens this tracker.</summary>
    public bool Admit(ReadOnlySpan<byte> path)
    {
        if (!AreWanted)
        {
            return true;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(KeyOf(path), hash);
        var isKnown = false;
        foreach (var known in _hashes)
        {
            isKnown |= CryptographicOperations.FixedTimeEquals(hash, known);
        }

        return isKnown;
    }

    /// <summary>The part of a path that is neither <c>announce</c> nor <c>scrape</c>; empty when there is none.</summary>
    private static ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> path)
    {
        var query = path.IndexOf((byte)'?');
        path = query < 0 ? path : path[..query];
        foreach (var range in path.Split((byte)'/'))
        {
            var part = path[range];
            if (!part.IsEmpty && !part.SequenceEqual("announce"u8) && !part.SequenceEqual("scrape"u8))
            {
                return part;
            }
        }

        return [];
    }
}

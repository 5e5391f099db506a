using System.Security.Cryptography;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Provisional;

/// <summary>
/// A blob that nobody has sealed yet, as members of a cluster pass its pieces on (design §4). Who holds the turn at the upstream
/// vouches for each piece with its SHA-256; the others fetch what is vouched for from one another.
/// </summary>
public sealed record ProvisionalSpec
{
    /// <summary>Bytes of the keys by which vouches are told from forgeries.</summary>
    public const int KeySize = HMACSHA256.HashSizeInBytes;

    /// <summary>Longest name of a member.</summary>
    public const int MaxNameSize = 64;

    /// <summary>The rendezvous id under which the members meet.</summary>
    public required InfoHash RendezvousId { get; init; }

    /// <summary>The blob's digest, 64 lower-case hexadecimal digits.</summary>
    public required string Sha256Hex { get; init; }

    /// <summary>Bytes of the blob, by the word of who holds the turn.</summary>
    public required long Size { get; init; }

    /// <summary>At the holder of the turn: the key shared with the member of that name; null for a name that is not a member's.</summary>
    public Func<ReadOnlyMemory<byte>, byte[]?>? KeyOf { get; init; }

    /// <summary>At who follows: what the holder calls us.</summary>
    public ReadOnlyMemory<byte> Name { get; init; }

    /// <summary>At who follows: the key shared with the holder, told over an authenticated way.</summary>
    public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>Whether this side vouches.</summary>
    public bool Vouches => KeyOf is not null;
}

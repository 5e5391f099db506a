using System.Security.Cryptography;
using Pier.BitTorrent.Blobs;
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

    /// <summary>Bytes of the name by which a holder's claim is told from others'.</summary>
    public const int ClaimSize = 16;

    /// <summary>Most pieces: vouches for all of them fit into what a peer may have waiting, and what it may say in one go.</summary>
    public const int MaxPieces = 4096;

    // As many as a cluster takes, and as many again that come anew before they are gone.
    private const int MaxMembers = 256;

    /// <summary>Longest name of a member.</summary>
    public const int MaxNameSize = 64;

    /// <summary>The rendezvous id under which the members meet.</summary>
    public required InfoHash RendezvousId { get; init; }

    /// <summary>The blob's digest, 64 lower-case hexadecimal digits.</summary>
    public required string Sha256Hex { get; init; }

    /// <summary>Bytes of the blob, by the word of who holds the turn.</summary>
    public required long Size { get; init; }

    /// <summary>
    /// What tells this holder's word from that of others who hold a turn for the same blob: peers that follow another are hung up
    /// on, so that nobody is blamed for passing on what another holder vouched for.
    /// </summary>
    public required ReadOnlyMemory<byte> Claim { get; init; }

    /// <summary>At the holder of the turn: the key shared with the member of that name; null for a name that is not a member's.</summary>
    public Func<ReadOnlyMemory<byte>, byte[]?>? KeyOf { get; init; }

    /// <summary>At who follows: what the holder calls us.</summary>
    public ReadOnlyMemory<byte> Name { get; init; }

    /// <summary>At who follows: the key shared with the holder, told over an authenticated way.</summary>
    public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>Whether a blob of this many bytes can be passed on in pieces.</summary>
    public static bool Fits(long size) => size > 0 && (size - 1) / BlobTorrent.PieceLengthFor(size) < MaxPieces;

    /// <summary>Connections of a swarm whatever its limits: every member hears the vouches from the holder itself, who therefore takes them all.</summary>
    internal static int LeastPlaces(ProvisionalSpec? spec) => spec is { Vouches: true } ? MaxMembers : 0;

    /// <summary>Whether this side vouches.</summary>
    public bool Vouches => KeyOf is not null;
}

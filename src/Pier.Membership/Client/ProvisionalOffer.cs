namespace Pier.Membership.Client;

/// <summary>
/// The invitation of a turn's holder to the pieces of a blob that it is still downloading (design §4): what the holder will
/// call this node there, and the key by which its vouches are told from forgeries. Told over TLS to a member, and to no other.
/// </summary>
/// <param name="Size">Bytes of the blob.</param>
/// <param name="Claim">16 bytes that tell this holder's word from that of others who hold a turn for the blob.</param>
/// <param name="Name">What the holder calls the asker; 1 to 64 bytes.</param>
/// <param name="Key">32 bytes that only the two know.</param>
public sealed record ProvisionalOffer(long Size, ReadOnlyMemory<byte> Claim, ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Key)
{
    /// <summary>Bytes of <see cref="Claim"/>.</summary>
    public const int ClaimSize = 16;

    /// <summary>Bytes of <see cref="Key"/>.</summary>
    public const int KeySize = 32;

    /// <summary>Longest <see cref="Name"/>.</summary>
    public const int MaxNameSize = 64;

    /// <summary>No secret.</summary>
    public override string ToString() => $"provisional pieces of {Size} bytes";
}

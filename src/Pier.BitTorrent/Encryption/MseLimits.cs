using System.Security.Cryptography;

namespace Pier.BitTorrent.Encryption;

/// <summary>The numbers of message stream encryption.</summary>
internal static class MseLimits
{
    /// <summary>Bytes of each padding.</summary>
    public const int MaxPadding = 512;

    /// <summary>Bytes of the verification constant, all zero.</summary>
    public const int VerificationSize = 8;

    /// <summary>Bytes of a side's methods and of the length of its padding.</summary>
    public const int ChoiceSize = 6;

    /// <summary>Bytes that may come with the key exchange: a handshake, and what a client says right after it.</summary>
    public const int MaxEarly = 8 << 10;

    /// <summary>A padding of random length.</summary>
    public static int RandomPadding() => RandomNumberGenerator.GetInt32(MaxPadding + 1);
}

using System.Net;
using System.Security.Cryptography;

namespace Pier.BitTorrent.Dht;

/// <summary>
/// Tokens that show that whoever announces received our answer at its address (BEP 5): a keyed hash of the address, the key
/// changed every five minutes, the one before still good.
/// </summary>
internal sealed class TokenJar(TimeProvider time)
{
    /// <summary>Bytes of a token.</summary>
    public const int Size = 8;

    private const int SecretSize = 32;
    private static readonly TimeSpan Rotation = TimeSpan.FromMinutes(5);

    private byte[] _secret = RandomNumberGenerator.GetBytes(SecretSize);
    private byte[] _before = RandomNumberGenerator.GetBytes(SecretSize);
    private long _rotatedAt = time.GetTimestamp();

    /// <summary>Writes the token of an address.</summary>
    /// <param name="address">Who asks.</param>
    /// <param name="token"><see cref="Size"/> bytes.</param>
    public void Write(IPAddress address, Span<byte> token)
    {
        Rotate();
        Write(_secret, address, token);
    }

    /// <summary>Whether a token was given to this address within the last five to ten minutes.</summary>
    public bool IsGood(IPAddress address, ReadOnlySpan<byte> token)
    {
        Rotate();
        Span<byte> expected = stackalloc byte[Size];
        Write(_secret, address, expected);
        if (CryptographicOperations.FixedTimeEquals(expected, token))
        {
            return true;
        }

        Write(_before, address, expected);
        return CryptographicOperations.FixedTimeEquals(expected, token);
    }

    private void Rotate()
    {
        var age = time.GetElapsedTime(_rotatedAt);
        if (age < Rotation)
        {
            return;
        }

        _before = age < Rotation * 2 ? _secret : RandomNumberGenerator.GetBytes(SecretSize);
        _secret = RandomNumberGenerator.GetBytes(SecretSize);
        _rotatedAt = time.GetTimestamp();
    }

    private static void Write(byte[] secret, IPAddress address, Span<byte> token)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, bytes[..length], hash);
        hash[..Size].CopyTo(token);
    }
}

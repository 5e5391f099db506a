using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Encryption;

/// <summary>One side of the Diffie-Hellman exchange that opens an encrypted connection: a 768-bit prime, generator 2.</summary>
internal sealed class KeyExchange
{
    /// <summary>Bytes of a public key and of the secret.</summary>
    public const int Size = 96;

    // Longer exponents would only cost time: the prime gives no more strength than this.
    private const int PrivateSize = 20;

    private static readonly BigInteger Prime = BigInteger.Parse(
        "0FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
        + "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A36210000000000090563",
        NumberStyles.AllowHexSpecifier,
        CultureInfo.InvariantCulture);

    private readonly BigInteger _private;

    /// <summary>A fresh key pair.</summary>
    public KeyExchange()
        : this(RandomNumberGenerator.GetBytes(PrivateSize))
    {
    }

    /// <param name="privateKey">The private number, most significant byte first.</param>
    public KeyExchange(ReadOnlySpan<byte> privateKey)
    {
        _private = new BigInteger(privateKey, isUnsigned: true, isBigEndian: true);
        PublicKey = ToBytes(BigInteger.ModPow(2, _private, Prime));
    }

    /// <summary>What the other side is told: <see cref="Size"/> bytes, most significant first.</summary>
    public byte[] PublicKey { get; }

    /// <summary>The secret that both sides then know.</summary>
    /// <param name="publicKey">The other side's key, <see cref="Size"/> bytes.</param>
    /// <exception cref="WireException">A key that would make the secret known to everybody.</exception>
    public byte[] SecretWith(ReadOnlySpan<byte> publicKey)
    {
        var theirs = new BigInteger(publicKey, isUnsigned: true, isBigEndian: true);
        if (theirs <= 1 || theirs >= Prime - 1)
        {
            throw new WireException("its public key is none");
        }

        return ToBytes(BigInteger.ModPow(theirs, _private, Prime));
    }

    private static byte[] ToBytes(BigInteger number)
    {
        var bytes = new byte[Size];
        var length = number.GetByteCount(isUnsigned: true);
        number.TryWriteBytes(bytes.AsSpan(Size - length), out _, isUnsigned: true, isBigEndian: true);
        return bytes;
    }
}

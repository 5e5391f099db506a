using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;

namespace Pier.BitTorrent.Tracking;

/// <summary>
/// The connection ids of the UDP tracker (BEP 15), which prove that a sender's address is its own. Nothing is kept of those given
/// out: an id is a MAC of the address, under a secret that changes every two minutes and is believed for as long again. Thread-safe.
/// </summary>
internal sealed class UdpConnectionIds(TimeProvider time)
{
    /// <summary>How long at least an id is good for (BEP 15).</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The first byte of each id: not <c>d</c>, with which DHT messages start, nor a first byte of a uTP header, nor that of the
    /// protocol's magic number, so that the protocols of one port are told apart.
    /// </summary>
    public const byte FirstByte = 0xf7;

    private readonly Lock _gate = new();
    private Secrets _secrets = new(NewSecret(), NewSecret(), time.GetTimestamp());

    /// <summary>The id for an address.</summary>
    public long Create(IPAddress address) => Create(Current().Now, address);

    /// <summary>Whether this address was given this id, not too long ago.</summary>
    public bool Check(long id, IPAddress address)
    {
        var secrets = Current();
        return AreEqual(id, Create(secrets.Now, address)) | AreEqual(id, Create(secrets.Before, address));
    }

    private static byte[] NewSecret() => RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);

    private static long Create(byte[] secret, IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, bytes[..length], mac);
        mac[0] = FirstByte;
        return BinaryPrimitives.ReadInt64BigEndian(mac);
    }

    private static bool AreEqual(long a, long b)
    {
        Span<byte> left = stackalloc byte[sizeof(long)];
        Span<byte> right = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(left, a);
        BinaryPrimitives.WriteInt64BigEndian(right, b);
        return CryptographicOperations.FixedTimeEquals(left, right);
    }

    private Secrets Current()
    {
        lock (_gate)
        {
            var age = time.GetElapsedTime(_secrets.Since);
            if (age >= Validity)
            {
                var before = age < 2 * Validity ? _secrets.Now : NewSecret();
                _secrets = new Secrets(NewSecret(), before, time.GetTimestamp());
            }

            return _secrets;
        }
    }

    private sealed record Secrets(byte[] Now, byte[] Before, long Since);
}

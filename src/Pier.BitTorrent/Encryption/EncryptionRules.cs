using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Encryption;

/// <summary>What the policy means for one connection.</summary>
internal sealed class EncryptionRules(EncryptionPolicy policy)
{
    /// <summary>Whether plain connections are taken.</summary>
    public bool TakesPlain => policy != EncryptionPolicy.Require;

    /// <summary>Whether encrypted connections are taken.</summary>
    public bool TakesEncrypted => policy != EncryptionPolicy.Off;

    /// <summary>How to connect to an address: true for encrypted; the second way when the first one is hung up on.</summary>
    public IReadOnlyList<bool> WaysTo(IPAddress address) => policy switch
    {
        EncryptionPolicy.Off => [false],
        EncryptionPolicy.Require => [true],
        _ when IsNear(address) => [false, true],
        _ => [true, false],
    };

    /// <summary>What we offer when we connect.</summary>
    public CryptoMethods Provided => policy == EncryptionPolicy.Require ? CryptoMethods.Rc4 : CryptoMethods.Rc4 | CryptoMethods.Plaintext;

    /// <summary>Chooses among what a peer that connected offers.</summary>
    /// <exception cref="WireException">It offers nothing that is wanted here.</exception>
    public CryptoMethods Select(CryptoMethods offered, IPAddress address)
    {
        var usable = offered & Provided;
        return usable switch
        {
            CryptoMethods.None => throw new WireException($"it offers no encryption that is wanted here ({(uint)offered:x})"),
            CryptoMethods.Plaintext or CryptoMethods.Rc4 => usable,
            _ => IsNear(address) ? CryptoMethods.Plaintext : CryptoMethods.Rc4,
        };
    }

    /// <summary>Whether an address is on this host or in a private network, where no provider looks into the stream.</summary>
    public static bool IsNear(IPAddress address)
    {
        if (IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal)
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[16];
        return address.AddressFamily == AddressFamily.InterNetwork && address.TryWriteBytes(bytes, out _)
            && bytes is [10, ..] or [172, >= 16 and <= 31, ..] or [192, 168, ..] or [169, 254, ..];
    }
}

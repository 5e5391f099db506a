namespace Pier.BitTorrent.Encryption;

/// <summary>How the bytes after the key exchange may travel: bits of <c>crypto_provide</c> and <c>crypto_select</c>.</summary>
[Flags]
internal enum CryptoMethods : uint
{
    None = 0,

    /// <summary>In the clear: only the opening was obfuscated.</summary>
    Plaintext = 1,

    /// <summary>RC4.</summary>
    Rc4 = 2,
}

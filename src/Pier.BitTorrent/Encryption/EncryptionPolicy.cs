namespace Pier.BitTorrent.Encryption;

/// <summary>Whether connections to peers are obfuscated by message stream encryption.</summary>
public enum EncryptionPolicy
{
    /// <summary>
    /// With whoever understands it. Peers nearby are first met in the clear, where nobody between them cares and plain bytes are
    /// faster; those further away are first met encrypted.
    /// </summary>
    Prefer,

    /// <summary>Always: no plain connection is made, taken or agreed to.</summary>
    Require,

    /// <summary>Never.</summary>
    Off,
}

using System.Security.Cryptography;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Encryption;

/// <summary>What message stream encryption derives from the secret S and the torrent's name SKEY, by SHA-1 of labelled bytes.</summary>
internal static class MseKeys
{
    /// <summary>HASH('req1', S): where the connecting side's padding ends.</summary>
    public static byte[] Synchronise(ReadOnlySpan<byte> secret) => Hash("req1"u8, secret, []);

    /// <summary>HASH('req2', SKEY): which torrent, for those who know it.</summary>
    public static InfoHash Ask(InfoHash skey)
    {
        Span<byte> name = stackalloc byte[InfoHash.Size];
        skey.CopyTo(name);
        return new InfoHash(Hash("req2"u8, name, []));
    }

    /// <summary>HASH('req2', SKEY) xor HASH('req3', S) from one of the two, or the other way round.</summary>
    public static InfoHash Mask(InfoHash ask, ReadOnlySpan<byte> secret)
    {
        var bytes = ask.ToArray();
        var mask = Hash("req3"u8, secret, []);
        for (var index = 0; index < bytes.Length; index++)
        {
            bytes[index] ^= mask[index];
        }

        return new InfoHash(bytes);
    }

    /// <summary>The cipher of the connecting side's bytes.</summary>
    public static Rc4 CipherA(ReadOnlySpan<byte> secret, InfoHash skey) => new(Key("keyA"u8, secret, skey));

    /// <summary>The cipher of the other side's bytes.</summary>
    public static Rc4 CipherB(ReadOnlySpan<byte> secret, InfoHash skey) => new(Key("keyB"u8, secret, skey));

    private static byte[] Key(ReadOnlySpan<byte> label, ReadOnlySpan<byte> secret, InfoHash skey)
    {
        Span<byte> name = stackalloc byte[InfoHash.Size];
        skey.CopyTo(name);
        return Hash(label, secret, name);
    }

    private static byte[] Hash(ReadOnlySpan<byte> label, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        Span<byte> bytes = stackalloc byte[label.Length + first.Length + second.Length];
        label.CopyTo(bytes);
        first.CopyTo(bytes[label.Length..]);
        second.CopyTo(bytes[(label.Length + first.Length)..]);
        return SHA1.HashData(bytes);
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Pier.BitTorrent.Encryption;

/// <summary>Builds what one side of the key exchange sends at once.</summary>
internal sealed class MseMessage
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1024);
    private int _plain;

    /// <summary>What is to be sent.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    /// <summary>Adds bytes.</summary>
    public MseMessage Add(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    /// <summary>Adds random bytes.</summary>
    public MseMessage AddPadding(int length)
    {
        RandomNumberGenerator.Fill(_bytes.GetSpan(length)[..length]);
        _bytes.Advance(length);
        return this;
    }

    /// <summary>Adds the methods, and a padding after its length.</summary>
    public MseMessage AddChoice(CryptoMethods methods, int padding)
    {
        Span<byte> choice = stackalloc byte[MseLimits.ChoiceSize];
        BinaryPrimitives.WriteUInt32BigEndian(choice, (uint)methods);
        BinaryPrimitives.WriteUInt16BigEndian(choice[4..], (ushort)padding);
        return Add(choice).AddPadding(padding);
    }

    /// <summary>Adds bytes after their length.</summary>
    public MseMessage AddCounted(ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)bytes.Length);
        return Add(length).Add(bytes);
    }

    /// <summary>What was added so far stays in the clear.</summary>
    public MseMessage EndPlain()
    {
        _plain = _bytes.WrittenCount;
        return this;
    }

    /// <summary>Encrypts what came after the plain part.</summary>
    public ReadOnlyMemory<byte> Encrypt(Rc4 cipher)
    {
        var bytes = _bytes.WrittenSpan.ToArray();
        cipher.Apply(bytes.AsSpan(_plain), bytes.AsSpan(_plain));
        return bytes;
    }
}

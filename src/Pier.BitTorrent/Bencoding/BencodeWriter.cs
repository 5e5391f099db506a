using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Pier.BitTorrent.Bencoding;

/// <summary>
/// Writes bencoded values (BEP 3) straight into a buffer. The caller writes dictionary keys in ascending order of their
/// bytes; every message type of this room has a test that reads its own output back strictly.
/// </summary>
public readonly struct BencodeWriter(IBufferWriter<byte> output)
{
    private const int MaxIntegerDigits = 20;

    /// <summary>Writes <c>i…e</c>.</summary>
    public void WriteInteger(long value)
    {
        var span = output.GetSpan(MaxIntegerDigits + 2);
        span[0] = (byte)'i';
        Utf8Formatter.TryFormat(value, span[1..], out var digits);
        span[digits + 1] = (byte)'e';
        output.Advance(digits + 2);
    }

    /// <summary>Writes <c>length:bytes</c>.</summary>
    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteLength(value.Length);
        output.Write(value);
    }

    /// <summary>Writes text as a byte string in UTF-8.</summary>
    public void WriteText(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var length = Encoding.UTF8.GetByteCount(value);
        WriteLength(length);
        output.Advance(Encoding.UTF8.GetBytes(value, output.GetSpan(length)));
    }

    /// <summary>Writes a dictionary key; its value comes next.</summary>
    public void WriteKey(ReadOnlySpan<byte> key) => WriteBytes(key);

    /// <summary>Writes a key with an integer value.</summary>
    public void WriteInteger(ReadOnlySpan<byte> key, long value)
    {
        WriteBytes(key);
        WriteInteger(value);
    }

    /// <summary>Writes a key with a byte string value.</summary>
    public void WriteBytes(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        WriteBytes(key);
        WriteBytes(value);
    }

    /// <summary>Writes a key with a text value in UTF-8.</summary>
    public void WriteText(ReadOnlySpan<byte> key, string value)
    {
        WriteBytes(key);
        WriteText(value);
    }

    /// <summary>Writes a value that is already bencoded, byte for byte.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bencoded) => output.Write(bencoded);

    /// <summary>Opens a dictionary; <see cref="WriteEnd"/> closes it.</summary>
    public void WriteDictionaryStart() => WriteByte((byte)'d');

    /// <summary>Opens a list; <see cref="WriteEnd"/> closes it.</summary>
    public void WriteListStart() => WriteByte((byte)'l');

    /// <summary>Closes the innermost list or dictionary.</summary>
    public void WriteEnd() => WriteByte((byte)'e');

    private void WriteLength(int length)
    {
        var span = output.GetSpan(MaxIntegerDigits + 1);
        Utf8Formatter.TryFormat(length, span, out var digits);
        span[digits] = (byte)':';
        output.Advance(digits + 1);
    }

    private void WriteByte(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }
}

using System.Text;

namespace Pier.UnitTests.BitTorrent;

/// <summary>Bencoded test data written as Latin-1 text, one character per byte.</summary>
internal static class BencodeText
{
    public static byte[] Bytes(string latin1) => Encoding.Latin1.GetBytes(latin1);

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary><c>length:text</c></summary>
    public static string Str(string latin1) => $"{latin1.Length}:{latin1}";
}

using System.Buffers;

namespace Pier.BitTorrent.Torrents;

/// <summary>Hexadecimal text of a known length, as info-hashes are written.</summary>
internal static class HexText
{
    /// <summary>Fills the destination; false when the text has another length or other characters.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination) =>
        text.Length == destination.Length * 2
        && Convert.FromHexString(text, destination, out _, out _) == OperationStatus.Done;
}

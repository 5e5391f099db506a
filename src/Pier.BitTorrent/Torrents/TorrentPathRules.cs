using System.Buffers;
using System.Text;

namespace Pier.BitTorrent.Torrents;

/// <summary>
/// What a name from a torrent must be like before it may become a name on disk. A torrent that breaks a rule is refused, never
/// repaired: two nodes that repaired differently would hold different trees under one info-hash.
/// </summary>
public static class TorrentPathRules
{
    /// <summary>UTF-8 bytes of one segment; the limit of the file systems in use.</summary>
    public const int MaxSegmentBytes = 255;

    /// <summary>UTF-8 bytes of a whole path with its slashes.</summary>
    public const int MaxPathBytes = 4000;

    /// <summary>Segments of a path.</summary>
    public const int MaxSegments = 64;

    private static readonly SearchValues<char> Forbidden =
        SearchValues.Create([.. Enumerable.Range(0, 32).Select(code => (char)code), '/', '\\', '\u007f']);

    private static readonly SearchValues<string> DeviceNames = SearchValues.Create(
        [
            "CON", "PRN", "AUX", "NUL",
            "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
            "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
        ],
        StringComparison.OrdinalIgnoreCase);

    /// <summary>Says what is wrong with one segment; null when nothing is.</summary>
    public static string? Problem(string segment)
    {
        ArgumentNullException.ThrowIfNull(segment);
        if (segment.Length == 0)
        {
            return "an empty name";
        }

        if (segment is "." or "..")
        {
            return $"'{segment}' leads out of the folder";
        }

        if (segment.AsSpan().IndexOfAny(Forbidden) is var bad and >= 0)
        {
            return $"a name with character U+{(int)segment[bad]:X4}";
        }

        if (Encoding.UTF8.GetByteCount(segment) > MaxSegmentBytes)
        {
            return $"a name longer than {MaxSegmentBytes} bytes";
        }

        if (segment is [var drive, ':', ..] && char.IsAsciiLetter(drive))
        {
            return $"'{segment}' begins like a drive";
        }

        return IsDevice(segment) ? $"'{segment}' is the name of a device" : null;
    }

    /// <summary>Says what is wrong with a path, its segments included; null when nothing is.</summary>
    public static string? Problem(IReadOnlyList<string> path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Count is 0 or > MaxSegments)
        {
            return $"a path of {path.Count} segments";
        }

        var bytes = path.Count - 1;
        foreach (var segment in path)
        {
            if (Problem(segment) is { } problem)
            {
                return problem;
            }

            bytes += Encoding.UTF8.GetByteCount(segment);
        }

        return bytes > MaxPathBytes ? $"a path longer than {MaxPathBytes} bytes" : null;
    }

    // NUL.txt is as reserved as NUL.
    private static bool IsDevice(string segment)
    {
        var dot = segment.IndexOf('.', StringComparison.Ordinal);
        return DeviceNames.Contains(dot < 0 ? segment : segment[..dot]);
    }
}

using System.Text;
using Pier.BitTorrent.Bencoding;

namespace Pier.BitTorrent.Torrents;

/// <summary>Reads names, paths and attributes out of metainfo, checked by <see cref="TorrentPathRules"/>.</summary>
internal static class InfoText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>One segment of a path.</summary>
    public static string Segment(ReadOnlySpan<byte> bytes, string where)
    {
        var segment = Decode(bytes, where);
        return TorrentPathRules.Problem(segment) is { } problem ? throw new MetainfoException(where, problem) : segment;
    }

    /// <summary>A list of segments.</summary>
    public static string[] Path(ref BencodeReader reader, string where)
    {
        var path = new List<string>();
        reader.EnterList();
        while (reader.NextItem())
        {
            if (path.Count == TorrentPathRules.MaxSegments)
            {
                throw new MetainfoException(where, $"a path of more than {TorrentPathRules.MaxSegments} segments");
            }

            path.Add(Decode(reader.ReadBytes(), where));
        }

        CheckPath(path, where);
        return [.. path];
    }

    public static void CheckPath(IReadOnlyList<string> path, string where)
    {
        if (TorrentPathRules.Problem(path) is { } problem)
        {
            throw new MetainfoException(where, problem);
        }
    }

    /// <summary><c>attr</c> of BEP 47; letters that are not known are ignored as it asks.</summary>
    public static TorrentFileAttributes Attributes(ReadOnlySpan<byte> letters)
    {
        var attributes = TorrentFileAttributes.None;
        foreach (var letter in letters)
        {
            attributes |= letter switch
            {
                (byte)'p' => TorrentFileAttributes.Padding,
                (byte)'x' => TorrentFileAttributes.Executable,
                (byte)'h' => TorrentFileAttributes.Hidden,
                (byte)'l' => TorrentFileAttributes.Symlink,
                _ => TorrentFileAttributes.None,
            };
        }

        return attributes;
    }

    // Replacing bad bytes would give two clients two trees for one info-hash.
    private static string Decode(ReadOnlySpan<byte> bytes, string where)
    {
        if (bytes.Length > TorrentPathRules.MaxSegmentBytes)
        {
            throw new MetainfoException(where, $"a name longer than {TorrentPathRules.MaxSegmentBytes} bytes");
        }

        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new MetainfoException(where, "a name that is not UTF-8", error);
        }
    }
}

using Pier.Content.Uris;

namespace Pier.Volumes.Whole;

/// <summary>Names of torrents as folders: an info-hash in lower-case hex, 40 digits of v1 (BEP 3) or 64 of v2 (BEP 52). One name each, as the kernel wants of folders.</summary>
internal static class TorrentName
{
    private const int V1Digits = 40;
    private const int V2Digits = 64;

    /// <summary>Whether a name can be a torrent's.</summary>
    public static bool Is(string name) => name.Length is V1Digits or V2Digits && name.All(char.IsAsciiHexDigitLower);

    /// <summary>The name of the folder in which what arrives of it is kept: as many digits as peers use (BEP 52).</summary>
    public static string FolderOf(string name) => name[..V1Digits];

    /// <summary>The magnet link of a torrent (BEP 9).</summary>
    /// <param name="name">Its name, as <see cref="Is"/> wants it.</param>
    /// <param name="trackers">Who is asked for its peers, besides whomever the node asks anyway.</param>
    public static ContentUri Magnet(string name, IReadOnlyList<string> trackers) => ContentUri.Parse(
        (name.Length == V1Digits ? "magnet:?xt=urn:btih:" : "magnet:?xt=urn:btmh:1220") + name
        + string.Concat(trackers.Select(tracker => "&tr=" + Uri.EscapeDataString(tracker))));
}

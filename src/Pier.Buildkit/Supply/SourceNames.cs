using Pier.Content.Trees;
using Pier.Content.Uris;

namespace Pier.Buildkit.Supply;

/// <summary>File names that follow from content URIs alone.</summary>
internal static class SourceNames
{
    private const string Unnamed = "data";

    /// <summary>Every such URI ends so: the grammar knows it by that.</summary>
    private const string TorrentEnd = ".torrent";

    /// <summary>The last part of a path, the display name of a magnet link, a digest's hex digits; else <c>data</c>.</summary>
    public static string Guess(ContentUri uri)
    {
        var name = uri switch
        {
            MagnetUri => DisplayName(uri.Text),
            TorrentFileUri { Address: var address } => Last(Uri.UnescapeDataString(address.AbsolutePath))[..^TorrentEnd.Length],
            WebUri { Address: var address } => Last(Uri.UnescapeDataString(address.AbsolutePath)),
            OciUri { Path: { } path } => Last(path),
            IpfsUri { Path: { Length: > 0 } path } => Last(path),
            IpnsUri { Path: { Length: > 0 } path } => Last(path),
            DigestUri { Digest: var digest } => digest.Hex,
            _ => "",
        };
        return TreeNames.Problem(name) is null ? name : Unnamed;
    }

    private static string Last(string path) => path[(path.TrimEnd('/').LastIndexOf('/') + 1)..].TrimEnd('/');

    /// <summary><c>dn</c> of a magnet link (BEP 9).</summary>
    private static string DisplayName(string magnet) => magnet[(magnet.IndexOf('?', StringComparison.Ordinal) + 1)..].Split('&')
        .Where(part => part.StartsWith("dn=", StringComparison.Ordinal))
        .Select(part => Uri.UnescapeDataString(part[3..].Replace('+', ' ')))
        .FirstOrDefault("");
}

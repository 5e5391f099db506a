using System.Globalization;

namespace Pier.Api.Supplies;

/// <summary>The two doors for builds, beside the registry: what a name stands for, and its bytes.</summary>
public static class SupplyAddresses
{
    /// <summary>Where builds look for a node unless told otherwise.</summary>
    public const string DefaultEndpoint = "http://127.0.0.1:5055";

    /// <summary>GET, with <c>uri</c> once or more and <c>include</c> any number of times: a <see cref="SupplyAnswer"/>, after five seconds at most.</summary>
    public const string Resolve = "/pier/resolve";

    /// <summary>GET, followed by a digest, with the same query: the bytes.</summary>
    public const string Data = "/pier/data/";

    /// <summary>Query key of a content URI; several are fallbacks for the same bytes.</summary>
    public const string UriKey = "uri";

    /// <summary>Query key of a pattern of files that are wanted of a tree.</summary>
    public const string IncludeKey = "include";

    /// <summary>Query key of the tree's wish: the digest is of a tree's tar, not of a file.</summary>
    public const string TreeKey = "tree";

    /// <summary>Query key of the wish for the torrent by which the content can be served.</summary>
    public const string TorrentKey = "torrent";

    /// <summary>Query key of the wish for the tar in an archive that not every engine can unpack.</summary>
    public const string PlainKey = "plain";

    /// <summary>The address that answers how far content is.</summary>
    /// <param name="endpoint">The node.</param>
    /// <param name="uris">Content URIs.</param>
    /// <param name="includes">Patterns; none for everything.</param>
    /// <param name="withTorrent">Its torrent is wanted as well.</param>
    /// <param name="attempt">Counts the questions: engines ask one address only once a build.</param>
    /// <param name="plain">Of an archive, the tar in it is wanted.</param>
    public static string ResolveAt(string endpoint, IEnumerable<string> uris, IEnumerable<string> includes, bool withTorrent, int attempt, bool plain = false) => string.Create(
        CultureInfo.InvariantCulture, $"{endpoint.TrimEnd('/')}{Resolve}?{Query(uris, includes)}{(withTorrent ? $"&{TorrentKey}=1" : "")}{Plain(plain)}&attempt={attempt}");

    /// <summary>The address of the bytes.</summary>
    public static string DataAt(string endpoint, string digest, bool isTree, IEnumerable<string> uris, IEnumerable<string> includes, bool plain = false) =>
        $"{endpoint.TrimEnd('/')}{Data}{digest}?{Query(uris, includes)}{(isTree ? $"&{TreeKey}=1" : "")}{Plain(plain)}";

    /// <summary>The address of the content's <c>.torrent</c> file.</summary>
    public static string TorrentAt(string endpoint, string digest, IEnumerable<string> uris) =>
        $"{endpoint.TrimEnd('/')}{Data}{digest}?{Query(uris, [])}&{TorrentKey}=1";

    private static string Plain(bool wanted) => wanted ? $"&{PlainKey}=1" : "";

    private static string Query(IEnumerable<string> uris, IEnumerable<string> includes) => string.Join('&', [
        .. uris.Select(uri => $"{UriKey}={Uri.EscapeDataString(uri)}"),
        .. includes.Select(include => $"{IncludeKey}={Uri.EscapeDataString(include)}")]);
}

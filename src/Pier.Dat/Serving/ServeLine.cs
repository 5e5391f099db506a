namespace Pier.Dat.Serving;

/// <summary>One line of <c>/etc/pier.dat</c>: words between white space, without quotes, as Pierdat has them.</summary>
/// <param name="Words">The first names what serves.</param>
internal sealed record ServeLine(IReadOnlyList<string> Words)
{
    /// <summary>The word of lines that this program serves itself: <c>bittorrent TORRENT PATH</c>.</summary>
    public const string BitTorrent = "bittorrent";

    /// <summary>True for a torrent.</summary>
    public bool IsTorrent => Words is [BitTorrent, _, _];

    /// <summary>Reads a line; null for an empty one and for comments.</summary>
    public static ServeLine? Read(string line)
    {
        var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0 || words[0].StartsWith('#') ? null : new ServeLine(words);
    }

    /// <summary>The line of a torrent; null when the path has white space, for which lines have no form.</summary>
    public static ServeLine? Of(string torrent, string path) =>
        torrent.Concat(path).Any(char.IsWhiteSpace) ? null : new ServeLine([BitTorrent, torrent, path]);

    /// <summary>The line as it is written.</summary>
    public override string ToString() => string.Join(' ', Words);
}

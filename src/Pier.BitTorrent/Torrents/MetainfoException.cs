namespace Pier.BitTorrent.Torrents;

/// <summary>The only exception that reading metainfo throws: which field was refused, and why.</summary>
public sealed class MetainfoException : BitTorrentException
{
    public MetainfoException(string where, string problem, Exception? innerException = null)
        : base($"the torrent is refused: {where}: {problem}", innerException)
    {
        Where = where;
    }

    /// <summary>The field, written like <c>info.files[3].path</c>.</summary>
    public string Where { get; }
}

namespace Pier.BitTorrent.Creation;

/// <summary>Files cannot be made into a torrent: which, and why.</summary>
public sealed class TorrentCreationException(string path, string problem, Exception? innerException = null)
    : BitTorrentException($"cannot make a torrent of '{path}': {problem}", innerException)
{
    /// <summary>The path on disk that is the trouble.</summary>
    public string Path { get; } = path;
}

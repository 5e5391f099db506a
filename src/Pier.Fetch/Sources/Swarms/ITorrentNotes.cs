using Pier.BitTorrent.Torrents;
using Pier.Content;

namespace Pier.Fetch.Sources.Swarms;

/// <summary>Is told which torrent delivered a blob, so that it need not be hashed before it is seeded.</summary>
internal interface ITorrentNotes
{
    /// <summary>Keeps the torrent until the blob is sealed.</summary>
    ValueTask NoteAsync(Digest digest, Metainfo metainfo, CancellationToken cancellationToken);
}

using Pier.BitTorrent.Torrents;
using Pier.Content.Contracts;
using Pier.Store.Disk;

namespace Pier.Fetch.Trees;

/// <summary>
/// The torrent of a magnet link, kept beside what arrives of it: after a restart it is shown although none of those is there
/// who could tell again what is in it.
/// </summary>
internal static class KeptTorrent
{
    private const string FileName = "torrent";

    /// <summary>What is kept in a folder; null when nothing is, or it is damaged.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public static Metainfo? Read(string folder)
    {
        try
        {
            return DurableFile.Read(Path.Combine(folder, FileName), MetainfoLimits.Default.MaxTorrentBytes) is { } bytes ? Metainfo.Parse(bytes) : null;
        }
        catch (MetainfoException)
        {
            // Asked for again, and written anew.
            return null;
        }
    }

    /// <summary>Keeps it.</summary>
    public static void Put(string folder, Metainfo torrent) => DurableFile.Replace(Path.Combine(folder, FileName), torrent.ToTorrentFile());
}

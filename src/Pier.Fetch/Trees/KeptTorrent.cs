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
    /// <summary>What tells, beside the files, which pieces of them are here.</summary>
    public const string ResumeFile = "resume";

    private const string TorrentFile = "torrent";
    private const string InfoFile = "info";
    private const string ContentFolder = "content";

    /// <summary>Where the files of a torrent go, which may have the name of one of the documents beside them.</summary>
    /// <param name="folder">Where everything of the torrent is kept.</param>
    /// <param name="name">The torrent's name, which is one segment of a path.</param>
    public static string ContentIn(string folder, string name) => name is TorrentFile or InfoFile or ResumeFile
        ? Path.Combine(folder, ContentFolder, name)
        : Path.Combine(folder, name);

    /// <summary>What is kept in a folder; null when nothing is, or it is damaged.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public static Metainfo? Read(string folder) =>
        Read(folder, TorrentFile, Metainfo.Parse)
        ?? Read(folder, InfoFile, static bytes => Metainfo.ParseInfo(bytes, MetainfoEnvelope.Empty, MetainfoLimits.Default));

    /// <summary>Keeps it.</summary>
    public static void Put(string folder, Metainfo torrent)
    {
        // Peers tell no hash layers of a hybrid, and a torrent file without them is none.
        DurableFile.Replace(Path.Combine(folder, InfoFile), torrent.Info.Span);
        DurableFile.Replace(Path.Combine(folder, TorrentFile), torrent.ToTorrentFile());
    }

    private static Metainfo? Read(string folder, string name, Func<ReadOnlyMemory<byte>, Metainfo> parse)
    {
        try
        {
            return DurableFile.Read(Path.Combine(folder, name), MetainfoLimits.Default.MaxTorrentBytes) is { } bytes ? parse(bytes) : null;
        }
        catch (MetainfoException)
        {
            // Asked for again, and written anew.
            return null;
        }
    }
}

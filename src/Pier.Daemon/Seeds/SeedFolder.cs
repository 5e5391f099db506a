using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Torrents;
using Pier.Store.Disk;

namespace Pier.Daemon.Seeds;

/// <summary>The seeds on disk: <c>seeds/&lt;infohash&gt;.json</c> and <c>.torrent</c> in the state folder.</summary>
internal sealed class SeedFolder(string folder, ILogger<SeedFolder> logger)
{
    private const int Version = 1;

    /// <summary>How many seeds are kept, damaged ones too.</summary>
    public int Documents => Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.json").Count() : 0;

    /// <summary>Every seed that was kept; a damaged one is logged and left alone.</summary>
    public IEnumerable<(SeedDocument Document, Metainfo Torrent)> Read()
    {
        if (!Directory.Exists(folder))
        {
            yield break;
        }
        foreach (var path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            if (ReadOne(path) is { } seed)
            {
                yield return seed;
            }
        }
    }

    /// <summary>Keeps a seed.</summary>
    public void Put(SeedDocument document, Metainfo torrent)
    {
        Directory.CreateDirectory(folder);
        // The document comes last: whoever finds it finds its torrent.
        DurableFile.Replace(TorrentPath(torrent.Id.Primary), torrent.ToTorrentFile());
        DurableFile.Replace(DocumentPath(torrent.Id.Primary), JsonSerializer.SerializeToUtf8Bytes(document, SeedJson.Default.SeedDocument));
    }

    /// <summary>Forgets a seed.</summary>
    public void Remove(InfoHash infoHash)
    {
        File.Delete(DocumentPath(infoHash));
        File.Delete(TorrentPath(infoHash));
    }

    private (SeedDocument Document, Metainfo Torrent)? ReadOne(string path)
    {
        try
        {
            var document = JsonSerializer.Deserialize(File.ReadAllBytes(path), SeedJson.Default.SeedDocument);
            if (document is { Version: Version, Path: not null, Files: not null })
            {
                return (document, Metainfo.Parse(File.ReadAllBytes(Path.ChangeExtension(path, ".torrent"))));
            }
            logger.SeedDamaged(path, $"not a seed of version {Version}", null);
        }
        catch (Exception damaged) when (damaged is JsonException or IOException or UnauthorizedAccessException or MetainfoException)
        {
            logger.SeedDamaged(path, damaged.Message, damaged);
        }
        return null;
    }

    private string DocumentPath(InfoHash infoHash) => Path.Combine(folder, $"{infoHash}.json");

    private string TorrentPath(InfoHash infoHash) => Path.Combine(folder, $"{infoHash}.torrent");
}

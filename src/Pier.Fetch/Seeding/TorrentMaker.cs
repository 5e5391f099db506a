using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Swarms;

namespace Pier.Fetch.Seeding;

/// <summary>Computes the swarm record of a sealed blob and keeps it (design §3.8, §4).</summary>
internal sealed class TorrentMaker(IContentStore store, SwarmRecords records)
{
    /// <summary>The record of a blob; null when there is none. One of an older version is completed from its metainfo.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public SwarmRecord? Find(Digest sha256)
    {
        if (records.Find(sha256) is not { Twin: null } older)
        {
            return records.Find(sha256);
        }
        if (Read(sha256) is not { } metainfo)
        {
            return null;
        }
        var whole = RecordOf(sha256, older.Size, metainfo);
        records.Put(whole, metainfo.ToTorrentFile());
        return whole;
    }

    /// <summary>The names of a blob whose torrent is known.</summary>
    public static SwarmRecord RecordOf(Digest sha256, long size, Metainfo metainfo) => new(
        sha256, size, metainfo.Id.V1!.Value.ToString(), metainfo.Id.V2!.Value.ToString(), V1Twin.Of(metainfo)!.Id.V1!.Value.ToString());

    /// <summary>The blob's record, as it is kept or computed now; null when the blob is gone.</summary>
    /// <param name="sha256">The blob's SHA-256 name.</param>
    /// <param name="workers">Pieces hashed at once.</param>
    /// <param name="known">Pieces that were hashed while it arrived; null for none.</param>
    /// <param name="cancellationToken">Stops between reads.</param>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public async ValueTask<SwarmRecord?> MakeAsync(Digest sha256, int workers, BlobTorrentPieces? known, CancellationToken cancellationToken)
    {
        if (Find(sha256) is { } kept)
        {
            return kept;
        }

        await using var reader = await store.OpenAsync(sha256, cancellationToken);
        if (reader is null || reader.Length == 0)
        {
            return null;
        }
        var metainfo = await HashAsync(reader, workers, known, cancellationToken);
        var record = RecordOf(sha256, reader.Length, metainfo);
        records.Put(record, metainfo.ToTorrentFile());
        return record;
    }

    /// <summary>The torrent of a record; null when there is none, or its metainfo is damaged and is to be computed anew.</summary>
    public Metainfo? Read(Digest sha256)
    {
        try
        {
            return records.ReadMetainfo(sha256) is { } bytes ? Metainfo.Parse(bytes, Limits) : null;
        }
        catch (MetainfoException)
        {
            records.Remove(sha256);
            return null;
        }
    }

    /// <summary>Our own records may describe blobs larger than what strangers' torrents are allowed to.</summary>
    private static MetainfoLimits Limits { get; } = MetainfoLimits.Default with { MaxInfoBytes = int.MaxValue, MaxPieces = int.MaxValue };

    private static async Task<Metainfo> HashAsync(IContentReader reader, int workers, BlobTorrentPieces? known, CancellationToken cancellationToken)
    {
        if (reader is IFileBacked { Handle: var file })
        {
            return await BlobTorrentFileHasher.HashAsync(file, reader.Length, reader.Digest.Hex, workers, cancellationToken, known);
        }

        using var hasher = new BlobTorrentHasher(reader.Length);
        var buffer = new byte[256 << 10];
        for (var offset = 0L; offset < reader.Length;)
        {
            var read = await reader.ReadAtAsync(offset, buffer, cancellationToken);
            hasher.Append(buffer.AsSpan(0, read));
            offset += read;
        }
        return hasher.Complete(reader.Digest.Hex);
    }
}

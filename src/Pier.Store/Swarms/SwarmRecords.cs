using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Disk;

namespace Pier.Store.Swarms;

/// <summary>
/// The swarm records of this node: <c>&lt;hex&gt;.json</c> with the names, <c>&lt;hex&gt;.torrent</c> with the metainfo.
/// All names are in memory, so that a handshake's info-hash is looked up without the disk.
/// </summary>
public sealed class SwarmRecords
{
    private const long RecordLimit = 4 << 10;
    private const long MetainfoLimit = 64 << 20;
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private readonly string _folder;
    private readonly ILogger<SwarmRecords> _log;
    private readonly ConcurrentDictionary<Digest, SwarmRecord> _byDigest = new();
    private readonly ConcurrentDictionary<string, SwarmRecord> _byInfoHash = new(StringComparer.Ordinal);

    /// <summary>Opens the records in a folder, made where it is missing; a damaged record is ignored and computed anew by its owner.</summary>
    /// <exception cref="ContentStorageException">The folder cannot be made or read.</exception>
    public SwarmRecords(string folder, ILogger<SwarmRecords> log)
    {
        _folder = folder;
        _log = log;
        try
        {
            DurableFile.MakeFolder(folder);
            DurableFile.WipeTemporaries(folder);
            foreach (var path in Directory.EnumerateFiles(folder, "*.json"))
            {
                Load(path);
            }
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("open the swarm records in", folder, e);
        }
    }

    /// <summary>Every record.</summary>
    public IReadOnlyCollection<SwarmRecord> All => [.. _byDigest.Values];

    /// <summary>The record of a blob by its SHA-256 name, or null.</summary>
    public SwarmRecord? Find(Digest sha256) => _byDigest.GetValueOrDefault(sha256);

    /// <summary>
    /// The record of an info-hash in lower-case hex: v1, v2, the twin's, or the first 40 digits of v2, which stand for it in
    /// handshakes and announces (BEP 52); or null.
    /// </summary>
    public SwarmRecord? FindByInfoHash(string hex) => _byInfoHash.GetValueOrDefault(hex);

    /// <summary>The metainfo bytes of a record, or null when there is no such record.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public byte[]? ReadMetainfo(Digest sha256) => _byDigest.ContainsKey(sha256) ? DurableFile.Read(MetainfoPath(sha256), MetainfoLimit) : null;

    /// <summary>Keeps a record with its metainfo, in place of an older one.</summary>
    /// <exception cref="ContentStorageException">The disk refused; no half of it is kept.</exception>
    /// <exception cref="ArgumentException">The names are not those of a swarm record, or the metainfo is too large.</exception>
    public void Put(SwarmRecord record, ReadOnlySpan<byte> metainfo)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (!IsValid(record) || metainfo.Length > MetainfoLimit)
        {
            throw new ArgumentException($"'{record}' with {metainfo.Length} bytes of metainfo is no swarm record.", nameof(record));
        }

        // The metainfo first: the record is what says that it is there.
        DurableFile.Replace(MetainfoPath(record.Digest), metainfo);
        var document = new SwarmDocument(1, record.Digest.ToString(), record.Size, record.V1, record.V2, record.Twin);
        DurableFile.Replace(RecordPath(record.Digest), JsonSerializer.SerializeToUtf8Bytes(document, StoreJson.Default.SwarmDocument));
        Remember(record);
    }

    /// <summary>Forgets a record; false when there was none.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public bool Remove(Digest sha256)
    {
        if (!_byDigest.TryRemove(sha256, out var record))
        {
            return false;
        }

        foreach (var hash in InfoHashes(record))
        {
            _byInfoHash.TryRemove(hash, out _);
        }

        try
        {
            File.Delete(RecordPath(sha256));
            File.Delete(MetainfoPath(sha256));
            return true;
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("remove", RecordPath(sha256), e);
        }
    }

    private void Load(string path)
    {
        try
        {
            var document = JsonSerializer.Deserialize(DurableFile.Read(path, RecordLimit), StoreJson.Default.SwarmDocument);
            if (document is { Version: 1 } && Digest.TryParse(document.Digest, out var digest)
                && new SwarmRecord(digest, document.Size, document.V1, document.V2, document.Twin) is var record && IsValid(record)
                && path == RecordPath(digest) && File.Exists(MetainfoPath(digest)))
            {
                Remember(record);
                return;
            }

            _log.DamagedRecord(path, "not a swarm record of version 1 with its metainfo");
        }
        catch (Exception e) when (e is JsonException or ContentFormatException)
        {
            _log.DamagedRecord(path, e.Message);
        }
    }

    private void Remember(SwarmRecord record)
    {
        _byDigest[record.Digest] = record;
        foreach (var hash in InfoHashes(record))
        {
            _byInfoHash[hash] = record;
        }
    }

    private string RecordPath(Digest sha256) => Path.Combine(_folder, sha256.Hex + ".json");

    private string MetainfoPath(Digest sha256) => Path.Combine(_folder, sha256.Hex + ".torrent");

    private static string[] InfoHashes(SwarmRecord record) => [record.V1, record.V2, record.V2[..40], .. record.Twin is { } twin ? [twin] : (string[])[]];

    private static bool IsValid(SwarmRecord record) =>
        record.Digest is { IsEmpty: false, Algorithm: DigestAlgorithm.Sha256 } && record.Size > 0
        && IsHex(record.V1, 40) && IsHex(record.V2, 64) && (record.Twin is null || IsHex(record.Twin, 40));

    private static bool IsHex(string? text, int digits) => text?.Length == digits && !text.AsSpan().ContainsAnyExcept(HexDigits);
}

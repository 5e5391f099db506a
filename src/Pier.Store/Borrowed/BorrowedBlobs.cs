using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Blobs;
using Pier.Store.Disk;

namespace Pier.Store.Borrowed;

/// <summary>
/// Blobs that lie in the content stores of containerd on this host (<c>blobs/sha256/&lt;hex&gt;</c>): read from there, never copied,
/// changed or removed. Each is hashed once before it counts as held; containerd gives a file its name only when it is complete.
/// </summary>
public sealed class BorrowedBlobs
{
    private const int MaxBlobs = 1_000_000;
    private const long DocumentLimit = 256 << 20;

    private readonly IReadOnlyList<string> _folders;
    private readonly string? _document;
    private readonly ILogger<BorrowedBlobs> _log;
    private readonly ConcurrentDictionary<Digest, BorrowedFile> _files = new();
    private readonly ConcurrentDictionary<string, BorrowedProof> _proofs;
    private readonly ConcurrentDictionary<string, BorrowedProof> _damaged = new(StringComparer.Ordinal);

    /// <summary>None at all.</summary>
    public static BorrowedBlobs None { get; } = new([], null, Microsoft.Extensions.Logging.Abstractions.NullLogger<BorrowedBlobs>.Instance);

    /// <summary>Blobs of content stores.</summary>
    /// <param name="folders">Their roots, each with <c>blobs/sha256</c> below.</param>
    /// <param name="document">Where it is remembered which files have been hashed; null to hash again at each start.</param>
    /// <param name="log">Where to tell of them.</param>
    public BorrowedBlobs(IReadOnlyList<string> folders, string? document, ILogger<BorrowedBlobs> log)
    {
        _folders = [.. folders.Select(folder => Path.Combine(folder, "blobs", "sha256"))];
        _document = document;
        _log = log;
        _proofs = ReadProofs(document, log);
    }

    /// <summary>The folders with files named by digest.</summary>
    public IReadOnlyList<string> Folders => _folders;

    /// <summary>Blobs that have been proved, and their bytes.</summary>
    public (long Blobs, long Bytes) Total => (_files.Count, _files.Values.Sum(file => file.Size));

    /// <summary>Looks the folders over: hashes what is new and forgets what is gone.</summary>
    /// <param name="isHeld">Says of what no second name is needed.</param>
    /// <param name="found">Told of each blob that is now held.</param>
    /// <param name="lost">Told of each that no longer is.</param>
    /// <param name="cancellationToken">Gives up; what was hashed so far counts.</param>
    public async Task ScanAsync(Func<Digest, bool> isHeld, Action<BlobInfo> found, Func<Digest, Task> lost, CancellationToken cancellationToken)
    {
        foreach (var (digest, file) in _files)
        {
            if (!File.Exists(file.Path) && _files.TryRemove(digest, out _))
            {
                await lost(digest);
            }
        }
        try
        {
            foreach (var path in _folders.Where(Directory.Exists).SelectMany(Directory.EnumerateFiles))
            {
                if (_files.Count < MaxBlobs && Digest.TryParse($"sha256:{Path.GetFileName(path)}", out var digest) && !_files.ContainsKey(digest) && !isHeld(digest)
                    && await TryProveAsync(path, digest, cancellationToken) is { } file && _files.TryAdd(digest, file))
                {
                    found(Describe(digest, file));
                }
            }
        }
        catch (Exception refused) when (StorageFault.Is(refused))
        {
            _log.BorrowingFailed(refused.Message);
        }
        finally
        {
            SaveProofs();
        }
    }

    /// <summary>What is known of a blob, or null.</summary>
    internal BlobInfo? Find(Digest sha256) =>
        _files.TryGetValue(sha256, out var file) && new FileInfo(file.Path) is { Exists: true } there && there.Length == file.Size ? Describe(sha256, file) : null;

    /// <summary>Opens a blob, or null; the open file outlives its removal by containerd.</summary>
    internal IContentReader? Open(Digest digest, Digest sha256)
    {
        if (!_files.TryGetValue(sha256, out var file))
        {
            return null;
        }
        try
        {
            var handle = File.OpenHandle(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (RandomAccess.GetLength(handle) == file.Size)
            {
                return new SealedReader(digest, file.Path, handle);
            }
            handle.Dispose();
        }
        catch (Exception gone) when (StorageFault.Is(gone) || gone is FileNotFoundException)
        {
            // Collected by containerd since: as if it had never been here.
        }
        _files.TryRemove(sha256, out _);
        return null;
    }

    /// <summary>Every blob.</summary>
    internal IEnumerable<BlobInfo> All() => _files.Select(pair => Describe(pair.Key, pair.Value));

    /// <summary>Hashes a blob again, and forgets it when its bytes are wrong; null when it is not here.</summary>
    internal async Task<bool?> VerifyAsync(Digest sha256, Action<int>? hashed, CancellationToken cancellationToken)
    {
        if (!_files.TryGetValue(sha256, out var file))
        {
            return null;
        }
        var isRight = await BlobHasher.HashFileAsync(file.Path, hashed, cancellationToken) == sha256;
        if (!isRight)
        {
            _files.TryRemove(sha256, out _);
            _proofs.TryRemove(sha256.Hex, out _);
        }
        return isRight;
    }

    private static BlobInfo Describe(Digest digest, BorrowedFile file) =>
        new(digest, file.Size, new DateTimeOffset(file.Written, TimeSpan.Zero), Pinned: false) { IsBorrowed = true };

    private async Task<BorrowedFile?> TryProveAsync(string path, Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            var there = new FileInfo(path);
            // A link could lead anywhere; containerd makes none.
            if (!there.Exists || there.LinkTarget is not null)
            {
                return null;
            }
            var file = new BorrowedFile(path, there.Length, there.LastWriteTimeUtc);
            var proof = new BorrowedProof(file.Size, file.Written.Ticks);
            if (_proofs.GetValueOrDefault(digest.Hex) == proof)
            {
                return file;
            }
            if (_damaged.GetValueOrDefault(path) == proof)
            {
                // It was told of, and hashing it again would end the same.
                return null;
            }
            if (await BlobHasher.HashFileAsync(path, hashed: null, cancellationToken) != digest)
            {
                _damaged[path] = proof;
                _log.BorrowedDamaged(path);
                return null;
            }
            _proofs[digest.Hex] = proof;
            _log.Borrowed(digest, file.Size);
            return file;
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Keeps the proofs of what is here still, so that the next start need not hash.</summary>
    private void SaveProofs()
    {
        var kept = _proofs.Where(proof => Digest.TryParse($"sha256:{proof.Key}", out var digest) && _files.ContainsKey(digest))
            .ToDictionary(proof => proof.Key, proof => proof.Value, StringComparer.Ordinal);
        foreach (var gone in _proofs.Keys.Where(name => !kept.ContainsKey(name)))
        {
            _proofs.TryRemove(gone, out _);
        }
        if (_document is null || kept.Count == _saved)
        {
            return;
        }
        try
        {
            DurableFile.Replace(_document, JsonSerializer.SerializeToUtf8Bytes(new BorrowedDocument(1, kept), StoreJson.Default.BorrowedDocument));
            _saved = kept.Count;
        }
        catch (ContentStorageException refused)
        {
            _log.BorrowingFailed(refused.Message);
        }
    }

    private int _saved;

    private static ConcurrentDictionary<string, BorrowedProof> ReadProofs(string? document, ILogger<BorrowedBlobs> log)
    {
        try
        {
            return document is not null && DurableFile.Read(document, DocumentLimit) is { } bytes
                && JsonSerializer.Deserialize(bytes, StoreJson.Default.BorrowedDocument) is { Version: 1, Files: { } files }
                    ? new(files, StringComparer.Ordinal)
                    : new(StringComparer.Ordinal);
        }
        catch (Exception damaged) when (damaged is JsonException or ContentException)
        {
            // It saves time and nothing else: everything is hashed again.
            log.DamagedRecord(document!, damaged.Message);
            return new(StringComparer.Ordinal);
        }
    }

    private sealed record BorrowedFile(string Path, long Size, DateTime Written);
}

/// <summary>Which files had been hashed, on disk.</summary>
internal sealed record BorrowedDocument(int Version, Dictionary<string, BorrowedProof> Files);

/// <summary>What a file was like when its bytes were proved.</summary>
internal readonly record struct BorrowedProof(long Size, long Written);

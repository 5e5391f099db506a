using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Blobs;
using Pier.Store.Disk;

namespace Pier.Store.Partial;

/// <summary>The blobs that are still arriving, those under way now and those that an earlier run left (design §5).</summary>
public sealed class PartialBlobs : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Digest, PartialBlob> _open = new();
    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly FileContentStore _store;
    private readonly PartialBlobOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<PartialBlobs> _log;

    /// <summary>Opens the folder, which lies on the store's disk, and wipes what a crash left without use.</summary>
    /// <exception cref="ContentStorageException">The folder cannot be made or read.</exception>
    public PartialBlobs(string folder, FileContentStore store, PartialBlobOptions options, TimeProvider clock, ILogger<PartialBlobs> log)
    {
        _folder = folder;
        _store = store;
        _options = options;
        _clock = clock;
        _log = log;
        try
        {
            Directory.CreateDirectory(folder);
            WipeLeftovers();
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("open the partial blobs in", folder, e);
        }
    }

    /// <summary>The blobs that are arriving now.</summary>
    public IReadOnlyCollection<PartialBlob> Open => [.. _open.Values];

    /// <summary>The blob if it is arriving now, else null.</summary>
    public PartialBlob? Find(Digest digest) => _open.GetValueOrDefault(digest);

    /// <summary>
    /// Starts a blob, or goes on with what an earlier run left of it; what was left under another size is dropped.
    /// The caller owns it: one fetch per digest.
    /// </summary>
    /// <param name="digest">The blob.</param>
    /// <param name="size">Its length in bytes, by the word of a source.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">It is open already.</exception>
    /// <exception cref="ContentStorageException">The disk refused; names the file.</exception>
    public ValueTask<PartialBlob> OpenAsync(Digest digest, long size, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        lock (_gate)
        {
            if (_open.ContainsKey(digest))
            {
                throw new InvalidOperationException($"{digest} is arriving already.");
            }

            var files = new PartialFiles(_folder, digest);
            var map = Resume(files, digest, size);
            var blob = new PartialBlob(_store, files, map, _options, _clock, _log, () => _open.TryRemove(digest, out _));
            _open[digest] = blob;
            return ValueTask.FromResult(blob);
        }
    }

    /// <summary>What an earlier run left of a blob: its size by the word of then, and bytes on disk; null when nothing.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public (long Size, long Present)? Stat(Digest digest) =>
        Find(digest) is { } blob ? (blob.Length, blob.Present)
        : new PartialFiles(_folder, digest).Read(out _) is { } map ? (map.Length, map.Present.Total)
        : null;

    /// <summary>Every blob of which something is on disk.</summary>
    public IReadOnlyList<Digest> List() =>
        [.. Directory.EnumerateFiles(_folder, "*" + PartialFiles.MapSuffix)
            .Select(path => DigestOf(Path.GetFileNameWithoutExtension(path)))
            .Where(digest => !digest.IsEmpty)
            .Union(_open.Keys)];

    /// <summary>What ended fetches left, with the bytes on disk and when they were last saved; blobs that arrive now are not among it.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public IReadOnlyList<(Digest Digest, long Present, DateTimeOffset Saved)> Leftovers() =>
        [.. List()
            .Where(digest => !_open.ContainsKey(digest))
            .Select(digest => (digest, files: new PartialFiles(_folder, digest)))
            .Select(left => (left.digest, left.files.Read(out _)?.Present.Total ?? 0, left.files.Saved))];

    /// <summary>Removes what is left of a blob that is not arriving now.</summary>
    /// <exception cref="ContentInUseException">It is arriving now.</exception>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public void Discard(Digest digest)
    {
        lock (_gate)
        {
            if (_open.ContainsKey(digest))
            {
                throw new ContentInUseException($"{digest} is arriving. Stop its transfer first.");
            }

            new PartialFiles(_folder, digest).Delete();
        }
    }

    /// <summary>Closes every open blob; what has arrived stays on disk.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var blob in Open)
        {
            await blob.DisposeAsync();
        }
    }

    private PartialMap Resume(PartialFiles files, Digest digest, long size)
    {
        var map = files.Read(out var damage);
        if (map is not null && map.Length != size)
        {
            damage = $"it was {map.Length} bytes long and is {size} now";
        }

        if (damage is not null)
        {
            _log.PartialStartsOver(files.Data, damage);
        }

        if (map is null || damage is not null)
        {
            files.Delete();
            return PartialMap.Empty(digest, size);
        }

        _log.PartialResumes(digest, map.Present.Total, size);
        return map;
    }

    private void WipeLeftovers()
    {
        var wiped = DurableFile.WipeTemporaries(_folder);
        foreach (var path in Directory.EnumerateFiles(_folder).ToArray())
        {
            var name = Path.GetFileName(path);
            var other = name.EndsWith(PartialFiles.MapSuffix, StringComparison.Ordinal) ? path[..^PartialFiles.MapSuffix.Length] : path + PartialFiles.MapSuffix;
            if (!File.Exists(other))
            {
                File.Delete(path);
                wiped++;
            }
        }

        if (wiped > 0)
        {
            _log.WipedLeftovers(wiped, _folder);
        }
    }

    private static Digest DigestOf(string hex) =>
        Digest.TryParse((hex.Length == 64 ? "sha256:" : "sha512:") + hex, out var digest) ? digest : default;
}

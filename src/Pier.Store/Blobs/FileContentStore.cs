using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Borrowed;
using Pier.Store.Disk;

namespace Pier.Store.Blobs;

/// <summary>Sealed blobs as files named by their digests (design §5); every file here has been proved against its name.</summary>
public sealed class FileContentStore : IContentStore
{
    private static readonly TimeSpan UseResolution = TimeSpan.FromMinutes(1);

    // Nobody gives a file a name between the look at who has it and its removal.
    private readonly Lock _naming = new();

    private readonly BlobFolder _folder;
    private readonly BlobAliases _aliases;
    private readonly BlobHolds _holds;
    private readonly TimeProvider _clock;
    private readonly ILogger<FileContentStore> _log;

    /// <summary>Opens the store in a folder, makes it where it is missing, and wipes what a crash left unfinished.</summary>
    /// <exception cref="ContentStorageException">The folder cannot be made or read.</exception>
    /// <exception cref="ContentFormatException">The list of pins is damaged.</exception>
    public FileContentStore(string folder, TimeProvider clock, ILogger<FileContentStore> log)
    {
        _clock = clock;
        _log = log;
        try
        {
            Directory.CreateDirectory(folder);
            _folder = new BlobFolder(folder);
            var wiped = _folder.WipeTemporaries() + DurableFile.WipeTemporaries(folder);
            if (wiped > 0)
            {
                _log.WipedLeftovers(wiped, folder);
            }

            _aliases = new BlobAliases(_folder);
            _holds = new BlobHolds(Path.Combine(folder, "pins.json"));
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("open the blobs in", folder, e);
        }
    }

    /// <summary>Blobs of other programs on this host, which are given like our own.</summary>
    public BorrowedBlobs Borrowed { get; init; } = BorrowedBlobs.None;

    /// <summary>Whether the store's own folder has a blob.</summary>
    public bool HoldsItself(Digest digest) => File.Exists(_folder.PathOf(_aliases.Resolve(digest)));

    /// <inheritdoc/>
    public ValueTask<BlobInfo?> StatAsync(Digest digest, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Stat(digest) ?? Borrowed.Find(_aliases.Resolve(digest)));
    }

    /// <inheritdoc/>
    public ValueTask<IContentReader?> OpenAsync(Digest digest, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = _folder.PathOf(_aliases.Resolve(digest));

        // A miss is the normal case of a first pull, and an exception costs more than this question.
        if (!File.Exists(path))
        {
            return ValueTask.FromResult(Borrowed.Open(digest, _aliases.Resolve(digest)));
        }

        try
        {
            var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            NoteUse(file, path);
            return ValueTask.FromResult<IContentReader?>(new SealedReader(digest, path, file));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return ValueTask.FromResult<IContentReader?>(null);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("open", path, e);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlobInfo> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var digest in _folder.Names(DigestAlgorithm.Sha256))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Stat(digest) is { } info)
            {
                yield return info;
            }
        }

        foreach (var borrowed in Borrowed.All())
        {
            if (!HoldsItself(borrowed.Sha256))
            {
                yield return borrowed;
            }
        }

        await ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IContentIngest> IngestAsync(Digest? expected, long? size, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IContentIngest>(new FileIngest(this, _folder.TemporaryPath(), expected, size));
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAsync(Digest digest, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var sha256 = _aliases.Resolve(digest);
        var path = _folder.PathOf(sha256);
        try
        {
            return ValueTask.FromResult(File.Exists(path) && _holds.RemoveUnlessHeld([sha256, .. _aliases.Of(sha256)], () =>
            {
                File.Delete(path);
                _aliases.RemoveTo(sha256);
                return true;
            }));
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("remove", path, e);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> PinAsync(Digest digest, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var held = Stat(digest);
        if (held is not null)
        {
            _holds.SetPin(held.Sha256, pinned: true);
        }

        return ValueTask.FromResult(held is not null);
    }

    /// <inheritdoc/>
    public ValueTask<bool> UnpinAsync(Digest digest, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(_holds.SetPin(_aliases.Resolve(digest), pinned: false));
    }

    /// <summary>
    /// Hashes a blob's bytes again, which does not count as use, and removes the file when they are no longer those of its name:
    /// pinned or leased, nobody may get it. Its pin stays, for when it comes back.
    /// </summary>
    /// <param name="digest">The blob.</param>
    /// <param name="hashed">Told of bytes as they are hashed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>True when the bytes are right, false when the file was removed, null when it was not there.</returns>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public async Task<bool?> VerifyAsync(Digest digest, Action<int>? hashed, CancellationToken cancellationToken)
    {
        var sha256 = _aliases.Resolve(digest);
        var path = _folder.PathOf(sha256);
        try
        {
            if (!File.Exists(path))
            {
                return await Borrowed.VerifyAsync(sha256, hashed, cancellationToken);
            }

            while (true)
            {
                using var file = BlobHasher.OpenFile(path);
                if (await BlobHasher.HashFileAsync(file, hashed, cancellationToken) == sha256)
                {
                    return true;
                }

                if (TryRemoveDamaged(path, file, sha256))
                {
                    return false;
                }
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("read", path, e);
        }
    }

    /// <inheritdoc/>
    public IDisposable Lease(IReadOnlyCollection<Digest> digests) => _holds.Lease(digests);

    /// <summary>Makes proved bytes durable and gives them their names; a copy held already stays.</summary>
    /// <exception cref="ContentStorageException">The disk refused; nothing sealed has changed.</exception>
    internal BlobInfo Seal(string finished, SafeFileHandle file, BlobNames names, long size)
    {
        _aliases.Add(names);
        if (Stat(names.Named) is { } held)
        {
            return held;
        }

        try
        {
            RandomAccess.FlushToDisk(file);
            File.SetLastWriteTimeUtc(file, _clock.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("write", finished, e);
        }

        lock (_naming)
        {
            _folder.Adopt(finished, names.Sha256);
        }

        _log.Sealed(names.Named, size);
        return Stat(names.Named) ?? throw new ContentStorageException($"{_folder.PathOf(names.Sha256)} was removed while it was sealed.");
    }

    /// <summary>
    /// Takes a blob's name from bytes that are not its own; false when they no longer have it: while they were hashed the blob may
    /// have been removed and sealed again, and a good one never loses its name.
    /// </summary>
    private bool TryRemoveDamaged(string path, SafeFileHandle damaged, Digest sha256)
    {
        lock (_naming)
        {
            if (FileIdentity.Of(path) != FileIdentity.Of(damaged))
            {
                return false;
            }

            File.Delete(path);
        }

        _log.BlobDamaged(sha256);
        return true;
    }

    private BlobInfo? Stat(Digest digest)
    {
        var sha256 = _aliases.Resolve(digest);
        var file = new FileInfo(_folder.PathOf(sha256));
        return file.Exists
            ? new BlobInfo(digest, file.Length, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero), _holds.IsPinned(sha256)) { Sha256 = sha256 }
            : null;
    }

    /// <summary>A sealed file never changes, so its modification time is free to say when it was last used.</summary>
    private void NoteUse(SafeFileHandle file, string path)
    {
        var now = _clock.GetUtcNow().UtcDateTime;
        if ((now - File.GetLastWriteTimeUtc(file)).Duration() < UseResolution)
        {
            return;
        }

        try
        {
            File.SetLastWriteTimeUtc(file, now);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            _log.UseNotNoted(path, e);
        }
    }
}

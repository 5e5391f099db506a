using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;

namespace Pier.Store.Repositories;

/// <summary>
/// The repositories of this node (design §3.1): which blobs and manifests each has. The bytes are ordinary sealed blobs, held
/// here against eviction, because there is no upstream to fetch them from again.
/// </summary>
public sealed class LocalRepositories
{
    private readonly Lock _gate = new();
    private readonly RepositoryFolder _folder;
    private readonly IContentStore _store;
    private readonly Dictionary<RepositoryName, Entry> _repositories = [];
    private readonly Dictionary<Digest, Hold> _holds = [];

    /// <summary>Reads what earlier runs kept and holds its blobs.</summary>
    /// <exception cref="ContentStorageException">The folder cannot be made or read.</exception>
    public LocalRepositories(string folder, IContentStore store, ILogger<LocalRepositories> log)
    {
        _store = store;
        _folder = new RepositoryFolder(folder, log);
        foreach (var (repository, digest) in _folder.Blobs())
        {
            EntryOf(repository).Blobs.Add(digest);
            Take(digest);
        }

        foreach (var (repository, digest, manifest) in _folder.Manifests())
        {
            EntryOf(repository).Manifests.Add(digest, manifest);
            Take(digest);
        }
    }

    /// <summary>Every repository that has something, in order of paths.</summary>
    public IReadOnlyList<RepositoryName> Names()
    {
        lock (_gate)
        {
            return [.. _repositories.Keys.OrderBy(name => name.Path, StringComparer.Ordinal)];
        }
    }

    /// <summary>True when the repository has something.</summary>
    public bool Contains(RepositoryName repository)
    {
        lock (_gate) { return _repositories.ContainsKey(repository); }
    }

    /// <summary>True when the repository has the blob.</summary>
    public bool HasBlob(RepositoryName repository, Digest digest)
    {
        lock (_gate) { return _repositories.TryGetValue(repository, out var entry) && entry.Blobs.Contains(digest); }
    }

    /// <summary>What the repository knows of a manifest, or null when it does not have it.</summary>
    public LocalManifest? FindManifest(RepositoryName repository, Digest digest)
    {
        lock (_gate) { return _repositories.TryGetValue(repository, out var entry) ? entry.Manifests.GetValueOrDefault(digest) : null; }
    }

    /// <summary>Every manifest of the repository.</summary>
    public IReadOnlyDictionary<Digest, LocalManifest> Manifests(RepositoryName repository)
    {
        lock (_gate)
        {
            return _repositories.TryGetValue(repository, out var entry) ? new Dictionary<Digest, LocalManifest>(entry.Manifests) : [];
        }
    }

    /// <summary>Every repository that has the blob or manifest, in order of paths.</summary>
    public IReadOnlyList<RepositoryName> HoldersOf(Digest digest)
    {
        lock (_gate)
        {
            return _holds.ContainsKey(digest)
                ? [.. _repositories.Where(pair => pair.Value.Blobs.Contains(digest) || pair.Value.Manifests.ContainsKey(digest))
                    .Select(pair => pair.Key).OrderBy(name => name.Path, StringComparer.Ordinal)]
                : [];
        }
    }

    /// <summary>Gives the repository a blob. The caller holds a lease of it meanwhile, and has seen that the store has it.</summary>
    /// <exception cref="ContentStorageException">The disk refused; nothing has changed.</exception>
    public void AddBlob(RepositoryName repository, Digest digest)
    {
        lock (_gate)
        {
            if (_repositories.TryGetValue(repository, out var entry) && entry.Blobs.Contains(digest))
            {
                return;
            }

            _folder.PutBlob(repository, digest);
            EntryOf(repository).Blobs.Add(digest);
            Take(digest);
        }
    }

    /// <summary>Gives the repository a manifest, as <see cref="AddBlob"/>; one it has gets the new media type.</summary>
    /// <exception cref="ContentStorageException">The disk refused; nothing has changed.</exception>
    public void AddManifest(RepositoryName repository, Digest digest, LocalManifest manifest)
    {
        lock (_gate)
        {
            var known = _repositories.TryGetValue(repository, out var entry) ? entry.Manifests.GetValueOrDefault(digest) : null;
            if (known == manifest)
            {
                return;
            }

            _folder.PutManifest(repository, digest, manifest);
            EntryOf(repository).Manifests[digest] = manifest;
            if (known is null)
            {
                Take(digest);
            }
        }
    }

    /// <summary>Takes a blob from the repository, for every request from now on; its bytes are the caller's to remove.</summary>
    /// <returns>False when the repository did not have it.</returns>
    /// <exception cref="ContentStorageException">The disk refused; nothing has changed.</exception>
    public bool RemoveBlob(RepositoryName repository, Digest digest)
    {
        lock (_gate)
        {
            if (!_repositories.TryGetValue(repository, out var entry) || !entry.Blobs.Contains(digest))
            {
                return false;
            }

            _folder.RemoveBlob(repository, digest);
            entry.Blobs.Remove(digest);
            Release(repository, entry, digest);
            return true;
        }
    }

    /// <summary>Takes a manifest from the repository, as <see cref="RemoveBlob"/>.</summary>
    /// <returns>False when the repository did not have it.</returns>
    /// <exception cref="ContentStorageException">The disk refused; nothing has changed.</exception>
    public bool RemoveManifest(RepositoryName repository, Digest digest)
    {
        lock (_gate)
        {
            if (!_repositories.TryGetValue(repository, out var entry) || !entry.Manifests.ContainsKey(digest))
            {
                return false;
            }

            _folder.RemoveManifest(repository, digest);
            entry.Manifests.Remove(digest);
            Release(repository, entry, digest);
            return true;
        }
    }

    private Entry EntryOf(RepositoryName repository)
    {
        if (!_repositories.TryGetValue(repository, out var entry))
        {
            _repositories[repository] = entry = new Entry();
        }

        return entry;
    }

    private void Take(Digest digest)
    {
        if (!_holds.TryGetValue(digest, out var hold))
        {
            _holds[digest] = hold = new Hold(_store.Lease([digest]));
        }

        hold.Count++;
    }

    private void Release(RepositoryName repository, Entry entry, Digest digest)
    {
        if (entry.Blobs.Count == 0 && entry.Manifests.Count == 0)
        {
            _repositories.Remove(repository);
        }

        var hold = _holds[digest];
        if (--hold.Count == 0)
        {
            _holds.Remove(digest);
            hold.Lease.Dispose();
        }
    }

    private sealed class Entry
    {
        public HashSet<Digest> Blobs { get; } = [];

        public Dictionary<Digest, LocalManifest> Manifests { get; } = [];
    }

    private sealed class Hold(IDisposable lease)
    {
        public IDisposable Lease { get; } = lease;

        public int Count { get; set; }
    }
}

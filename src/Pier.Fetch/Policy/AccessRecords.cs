using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Store.Disk;

namespace Pier.Fetch.Policy;

/// <summary>
/// Which repositories are public, and which blobs their proved manifests name: one small document per repository,
/// all of it in memory too, since every door asks. Bounded per repository; the oldest names go first. A blob that a private
/// repository names is public only by one that was found to have it, not by one whose manifest merely names it.
/// </summary>
internal sealed class AccessRecords
{
    /// <summary>Stands for the word of members: blobs whose info-hash one of them told are public there.</summary>
    public static readonly RepositoryName Vouched = new("pier", "vouched");

    /// <summary>The registries of what came here by no repository; no client can write such names.</summary>
    private const string Unknown = "(unknown)";
    private const string Open = "(open)";

    private const int MostBlobs = 16_384;
    private const long DocumentLimit = 4 << 20;

    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly Dictionary<RepositoryName, Entry> _repositories = [];
    private readonly Dictionary<Digest, HashSet<RepositoryName>> _namedBy = [];

    /// <summary>Reads what earlier runs knew; a damaged document counts as none, so that its blobs are private until proved again.</summary>
    /// <exception cref="ContentStorageException">The folder cannot be made or read.</exception>
    public AccessRecords(string folder, ILogger log)
    {
        _folder = folder;
        DurableFile.MakeFolder(folder);
        DurableFile.WipeTemporaries(folder);
        foreach (var path in Directory.EnumerateFiles(folder, "*.json"))
        {
            if (Read(path, log) is { } document)
            {
                Merge(document.Repository, document.Access, document.Blobs, BlobClaim.Named);
                Merge(document.Repository, document.Access, document.Proved, BlobClaim.Proved);
                Merge(document.Repository, document.Access, document.Given, BlobClaim.Given);
            }
        }
    }

    /// <summary>What is known of a repository; null when nothing.</summary>
    public RepositoryAccess? Find(RepositoryName repository)
    {
        lock (_gate)
        {
            return _repositories.TryGetValue(repository, out var entry) ? new RepositoryAccess(entry.IsPublic, entry.CheckedAt, entry.IsOurs) : null;
        }
    }

    /// <summary>
    /// Stands for where a blob came from that no repository brought: it is private until a repository is found to have it.
    /// Spread over many, so that none of a large number is forgotten.
    /// </summary>
    /// <param name="blob">The blob.</param>
    /// <param name="isOpen">True when nothing private can be behind it: it was brought by a URI that needs no login.</param>
    public static RepositoryName Unproven(Digest blob, bool isOpen) => new(isOpen ? Open : Unknown, blob.Hex[..2]);

    /// <summary>True when a public repository names the blob, and has it should a private one name it too.</summary>
    public bool IsPublic(Digest blob)
    {
        lock (_gate)
        {
            if (!_namedBy.TryGetValue(blob, out var names))
            {
                return false;
            }
            // Asked by every request: no closures here.
            var (isContested, isNamed) = (false, false);
            foreach (var name in names)
            {
                var isPublic = _repositories[name].IsPublic;
                (isContested, isNamed) = (isContested || !isPublic, isNamed || isPublic);
            }
            return isNamed && (!isContested || IsProved(names, blob));
        }
    }

    /// <summary>True when the repository names the blob, and has it should another, private one name it too.</summary>
    public bool IsUnder(RepositoryName repository, Digest blob)
    {
        lock (_gate)
        {
            return _namedBy.TryGetValue(blob, out var names) && names.Contains(repository) && !IsNowhere(repository)
                && (Has(repository, blob) || names.All(name => name == repository || _repositories[name].IsPublic));
        }
    }

    /// <summary>True when the operator of this node brought the blob under that name.</summary>
    public bool IsGiven(RepositoryName repository, Digest blob)
    {
        lock (_gate) { return _repositories.TryGetValue(repository, out var entry) && entry.Given.Contains(blob); }
    }

    /// <summary>The registries whose public repositories name the blob.</summary>
    public IReadOnlyList<string> PublicRegistriesOf(Digest blob)
    {
        lock (_gate)
        {
            return _namedBy.TryGetValue(blob, out var names)
                ? [.. names.Where(name => _repositories[name].IsPublic).Select(name => name.Registry).Distinct()]
                : [];
        }
    }

    /// <summary>True when no repository is known to have the blob, only that it came here by another way.</summary>
    public bool IsUnproven(Digest blob)
    {
        lock (_gate) { return _namedBy.TryGetValue(blob, out var names) && names.All(IsNowhere); }
    }

    /// <summary>True when the blob is not public, and more is known of it than that a URI brought it.</summary>
    public bool IsClosed(Digest blob)
    {
        lock (_gate) { return _namedBy.TryGetValue(blob, out var names) && !IsPublic(blob) && names.Any(name => name.Registry != Open && !_repositories[name].IsPublic); }
    }

    /// <summary>True when some repository names the blob.</summary>
    public bool IsNamed(Digest blob)
    {
        lock (_gate) { return _namedBy.ContainsKey(blob); }
    }

    /// <summary>Adds names and the newest finding about the repository, on disk when that changes anything.</summary>
    /// <exception cref="ContentStorageException">The disk refused; what is in memory holds until the end of the process.</exception>
    public void Put(
        RepositoryName repository, RepositoryAccess access, IReadOnlyCollection<Digest> blobs, BlobClaim claim = BlobClaim.Named)
    {
        AccessDocument document;
        lock (_gate)
        {
            if (!Merge(repository, access, blobs, claim))
            {
                return;
            }
            var entry = _repositories[repository];
            document = AccessDocument.Of(repository, access with { IsOurs = entry.IsOurs }, entry.Blobs, entry.Proved, entry.Given);
        }
        DurableFile.Replace(PathOf(repository), JsonSerializer.SerializeToUtf8Bytes(document, AccessJson.Default.AccessDocument));
    }

    private bool Merge(RepositoryName repository, RepositoryAccess access, IEnumerable<Digest> blobs, BlobClaim claim)
    {
        var changed = !_repositories.TryGetValue(repository, out var entry);
        if (entry is null)
        {
            _repositories[repository] = entry = new Entry();
        }
        changed |= entry.IsPublic != access.IsPublic || access.CheckedAt - entry.CheckedAt > TimeSpan.FromHours(1);
        changed |= access.IsOurs && !entry.IsOurs;
        entry.IsOurs |= access.IsOurs;
        entry.IsPublic = access.IsPublic;
        entry.CheckedAt = changed ? access.CheckedAt : entry.CheckedAt;
        foreach (var blob in blobs)
        {
            if (!_namedBy.TryGetValue(blob, out var names))
            {
                _namedBy[blob] = names = [];
            }
            if (names.Add(repository))
            {
                entry.Blobs.Enqueue(blob);
                changed = true;
            }
            changed |= claim == BlobClaim.Proved && entry.Proved.Add(blob);
            changed |= claim == BlobClaim.Given && entry.Given.Add(blob);
        }
        while (entry.Blobs.Count > MostBlobs)
        {
            var oldest = entry.Blobs.Dequeue();
            entry.Proved.Remove(oldest);
            entry.Given.Remove(oldest);
            Forget(repository, oldest);
        }
        return changed;
    }

    private bool IsProved(HashSet<RepositoryName> names, Digest blob) => names.Any(name => _repositories[name].IsPublic && Has(name, blob));

    /// <summary>By its upstream's word, a member's, or because it was pushed there.</summary>
    private bool Has(RepositoryName repository, Digest blob) =>
        repository == Vouched || LocalNames.IsLocal(repository) || _repositories[repository].Proved.Contains(blob);

    private static bool IsNowhere(RepositoryName repository) => repository.Registry is Unknown or Open;

    private void Forget(RepositoryName repository, Digest blob)
    {
        if (_namedBy.TryGetValue(blob, out var names) && names.Remove(repository) && names.Count == 0)
        {
            _namedBy.Remove(blob);
        }
    }

    private string PathOf(RepositoryName repository) =>
        Path.Combine(_folder, Digest.Compute(System.Text.Encoding.UTF8.GetBytes(repository.ToString())).Hex + ".json");

    private static ParsedAccess? Read(string path, ILogger log)
    {
        try
        {
            var document = JsonSerializer.Deserialize(DurableFile.Read(path, DocumentLimit), AccessJson.Default.AccessDocument);
            if (document is { Version: 1, Registry: not null, Path: not null, Blobs: not null })
            {
                return new ParsedAccess(
                    new RepositoryName(document.Registry, document.Path), new RepositoryAccess(document.Public, document.CheckedAt, document.Ours),
                    Digests(document.Blobs), Digests(document.Proved ?? []), Digests(document.Given ?? []));
            }
            LogMessages.DamagedAccess(log, path, "not an access record of version 1");
        }
        catch (Exception damage) when (damage is JsonException or ContentFormatException)
        {
            LogMessages.DamagedAccess(log, path, damage.Message);
        }
        return null;
    }

    private static IReadOnlyList<Digest> Digests(IReadOnlyList<string> texts) =>
        [.. texts.Select(text => Digest.TryParse(text, out var digest) ? digest : default).Where(digest => !digest.IsEmpty)];

    private sealed class Entry
    {
        public bool IsPublic { get; set; }

        public DateTimeOffset CheckedAt { get; set; }

        public Queue<Digest> Blobs { get; } = new();

        public bool IsOurs { get; set; }

        public HashSet<Digest> Proved { get; } = [];

        public HashSet<Digest> Given { get; } = [];
    }

    private sealed record ParsedAccess(
        RepositoryName Repository, RepositoryAccess Access, IReadOnlyList<Digest> Blobs, IReadOnlyList<Digest> Proved, IReadOnlyList<Digest> Given);
}

using System.Collections.Concurrent;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Disk;

namespace Pier.Store.Blobs;

/// <summary>
/// Other names of blobs: every blob is a file under its SHA-256 name, and a SHA-512 name is a symbolic link to that.
/// </summary>
internal sealed class BlobAliases
{
    private readonly BlobFolder _folder;
    private readonly ConcurrentDictionary<Digest, Digest> _sha256Of = new();

    public BlobAliases(BlobFolder folder)
    {
        _folder = folder;
        foreach (var alias in folder.Names(DigestAlgorithm.Sha512))
        {
            var target = Path.GetFileName(new FileInfo(folder.PathOf(alias)).LinkTarget);
            if (Digest.TryParse($"sha256:{target}", out var sha256))
            {
                _sha256Of[alias] = sha256;
            }
        }
    }

    /// <summary>The SHA-256 name of a blob, or the name itself where no other is known.</summary>
    public Digest Resolve(Digest digest) =>
        digest.Algorithm != DigestAlgorithm.Sha256 && _sha256Of.TryGetValue(digest, out var sha256) ? sha256 : digest;

    /// <summary>The names that lead to a SHA-256 name, itself left out.</summary>
    public IEnumerable<Digest> Of(Digest sha256) => _sha256Of.Where(pair => pair.Value == sha256).Select(pair => pair.Key);

    /// <summary>Links a name; before its blob gets there, so that a crash in between leaves no blob without its name.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public void Add(BlobNames names)
    {
        if (names.Named == names.Sha256)
        {
            return;
        }

        var link = _folder.PathOf(names.Named);
        var shard = Path.GetDirectoryName(link)!;
        DurableFile.MakeFolder(shard);
        var temporary = DurableFile.TemporaryName(Path.GetDirectoryName(shard)!);
        try
        {
            File.CreateSymbolicLink(temporary, Path.GetRelativePath(shard, _folder.PathOf(names.Sha256)));
            File.Move(temporary, link, overwrite: true);
            Posix.SyncFolder(shard);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            DurableFile.DeleteQuietly(temporary);
            throw StorageFault.Describe("link", link, e);
        }

        _sha256Of[names.Named] = names.Sha256;
    }

    /// <summary>Removes every link to a blob.</summary>
    public void RemoveTo(Digest sha256)
    {
        foreach (var alias in Of(sha256).ToArray())
        {
            File.Delete(_folder.PathOf(alias));
            _sha256Of.TryRemove(alias, out _);
        }
    }
}

using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.References;
using Pier.Store.Disk;

namespace Pier.Store.Repositories;

/// <summary>
/// The files of local repositories: <c>&lt;path&gt;/_blobs/&lt;alg&gt;-&lt;hex&gt;</c>, empty, and
/// <c>&lt;path&gt;/_manifests/&lt;alg&gt;-&lt;hex&gt;</c>, a small document. No path segment may begin with an underscore, so names never meet.
/// </summary>
internal sealed class RepositoryFolder
{
    private const string BlobsLeaf = "_blobs";
    private const string ManifestsLeaf = "_manifests";
    private const long DocumentLimit = 4 << 10;

    private readonly string _root;
    private readonly ILogger _log;

    public RepositoryFolder(string root, ILogger log)
    {
        _root = root;
        _log = log;
        DurableFile.MakeFolder(root);
    }

    /// <summary>Every blob that a repository has, by repository.</summary>
    public IEnumerable<(RepositoryName Repository, Digest Digest)> Blobs() => Entries(BlobsLeaf).Select(entry => (entry.Repository, entry.Digest));

    /// <summary>Every manifest that a repository has; damaged documents are left out, with a word in the log.</summary>
    public IEnumerable<(RepositoryName Repository, Digest Digest, LocalManifest Manifest)> Manifests()
    {
        foreach (var (repository, digest, path) in Entries(ManifestsLeaf))
        {
            if (Parse(path) is { } manifest)
            {
                yield return (repository, digest, manifest);
            }
        }
    }

    public void PutBlob(RepositoryName repository, Digest digest) => Put(PathOf(repository, BlobsLeaf, digest), []);

    public void PutManifest(RepositoryName repository, Digest digest, LocalManifest manifest)
    {
        var document = new LocalManifestDocument(1, manifest.MediaType, manifest.Subject?.ToString());
        Put(PathOf(repository, ManifestsLeaf, digest), JsonSerializer.SerializeToUtf8Bytes(document, StoreJson.Default.LocalManifestDocument));
    }

    public void RemoveBlob(RepositoryName repository, Digest digest) => Remove(PathOf(repository, BlobsLeaf, digest));

    public void RemoveManifest(RepositoryName repository, Digest digest) => Remove(PathOf(repository, ManifestsLeaf, digest));

    private IEnumerable<(RepositoryName Repository, Digest Digest, string Path)> Entries(string leaf)
    {
        foreach (var folder in Directory.EnumerateDirectories(_root, leaf, SearchOption.AllDirectories))
        {
            DurableFile.WipeTemporaries(folder);
            var repository = new RepositoryName(RepositoryName.DockerHub, Path.GetRelativePath(_root, Path.GetDirectoryName(folder)!));
            foreach (var path in Directory.EnumerateFiles(folder))
            {
                if (Digest.TryParse(Path.GetFileName(path).Replace('-', ':'), out var digest))
                {
                    yield return (repository, digest, path);
                }
            }
        }
    }

    private LocalManifest? Parse(string path)
    {
        try
        {
            var document = JsonSerializer.Deserialize(DurableFile.Read(path, DocumentLimit), StoreJson.Default.LocalManifestDocument);
            if (document is { Version: 1, MediaType: not null })
            {
                return new LocalManifest(document.MediaType, Digest.TryParse(document.Subject, out var subject) ? subject : null);
            }

            _log.DamagedRecord(path, "not a manifest record of version 1");
        }
        catch (JsonException e)
        {
            _log.DamagedRecord(path, e.Message);
        }

        return null;
    }

    /// <summary>Names come checked from their grammar; a path is made of them, so they are checked here too.</summary>
    private string PathOf(RepositoryName repository, string leaf, Digest digest) =>
        LocalNames.IsLocal(repository) && ReferenceGrammar.IsPath(repository.Path)
            ? Path.Combine(_root, repository.Path, leaf, $"{digest.AlgorithmName}-{digest.Hex}")
            : throw new ArgumentException($"'{repository}' is not a repository of this node.", nameof(repository));

    private void Put(string path, ReadOnlySpan<byte> content)
    {
        MakeFolders(Path.GetDirectoryName(path)!);
        DurableFile.Replace(path, content);
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("remove", path, e);
        }
    }

    private void MakeFolders(string folder)
    {
        if (!Directory.Exists(folder))
        {
            if (folder.Length > _root.Length)
            {
                MakeFolders(Path.GetDirectoryName(folder)!);
            }

            DurableFile.MakeFolder(folder);
        }
    }
}

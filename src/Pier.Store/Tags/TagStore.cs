using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Store.Disk;

namespace Pier.Store.Tags;

/// <summary>
/// What each tag named when it was last asked: <c>&lt;registry&gt;/&lt;path&gt;/_tags/&lt;tag&gt;.json</c> below the tags
/// folder. No path segment may begin with an underscore, so names never meet.
/// </summary>
public sealed class TagStore
{
    private const string Leaf = "_tags";
    private const string Suffix = ".json";
    private const long RecordLimit = 4 << 10;

    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly ILogger<TagStore> _log;

    /// <summary>Opens the store in a folder, and makes it where it is missing.</summary>
    /// <exception cref="ContentStorageException">The folder cannot be made.</exception>
    public TagStore(string folder, ILogger<TagStore> log)
    {
        _folder = folder;
        _log = log;
        DurableFile.MakeFolder(folder);
    }

    /// <summary>The last known answer, or null. A damaged record counts as none.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    /// <exception cref="ArgumentException">The names are not those of a repository and a tag.</exception>
    public TagRecord? Find(RepositoryName repository, string tag)
    {
        var path = PathOf(repository, tag);
        return DurableFile.Read(path, RecordLimit) is { } content ? Parse(path, content) : null;
    }

    /// <summary>Remembers an answer.</summary>
    /// <exception cref="ContentStorageException">The disk refused; the older answer stands.</exception>
    /// <exception cref="ArgumentException">The names are not those of a repository and a tag.</exception>
    public void Put(RepositoryName repository, string tag, TagRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        lock (_gate)
        {
            Replace(repository, tag, record);
        }
    }

    /// <summary>Remembers an answer unless the tag is held where it is, perhaps since the question was asked; false when it is.</summary>
    /// <inheritdoc cref="Put" path="/exception"/>
    public bool PutUnlessPinned(RepositoryName repository, string tag, TagRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        lock (_gate)
        {
            if (Find(repository, tag) is { Pinned: true })
            {
                return false;
            }

            Replace(repository, tag, record);
            return true;
        }
    }

    private void Replace(RepositoryName repository, string tag, TagRecord record)
    {
        var path = PathOf(repository, tag);
        MakeFolders(Path.GetDirectoryName(path)!);
        var document = new TagDocument(1, record.Digest.ToString(), record.MediaType, record.When, record.Pinned);
        DurableFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(document, StoreJson.Default.TagDocument));
    }

    /// <summary>Forgets a tag; false when it was not known.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public bool Remove(RepositoryName repository, string tag)
    {
        var path = PathOf(repository, tag);
        try
        {
            var known = File.Exists(path);
            File.Delete(path);
            return known;
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("remove", path, e);
        }
    }

    /// <summary>Every repository of which a tag is known.</summary>
    public IEnumerable<RepositoryName> Repositories()
    {
        foreach (var leaf in Directory.EnumerateDirectories(_folder, Leaf, SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(_folder, Path.GetDirectoryName(leaf)!);
            var slash = name.IndexOf('/', StringComparison.Ordinal);
            if (slash > 0)
            {
                yield return new RepositoryName(name[..slash], name[(slash + 1)..]);
            }
        }
    }

    /// <summary>The known tags of a repository with their answers, in order of name.</summary>
    public IEnumerable<(string Tag, TagRecord Record)> Tags(RepositoryName repository)
    {
        var folder = FolderOf(repository);
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        foreach (var path in Directory.EnumerateFiles(folder, "*" + Suffix).Order(StringComparer.Ordinal))
        {
            if (DurableFile.Read(path, RecordLimit) is { } content && Parse(path, content) is { } record)
            {
                yield return (Path.GetFileName(path)[..^Suffix.Length], record);
            }
        }
    }

    /// <summary>The names of the known tags of a repository in ASCII order, without a look at their answers.</summary>
    public IReadOnlyList<string> Names(RepositoryName repository)
    {
        var folder = FolderOf(repository);
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*" + Suffix).Select(path => Path.GetFileName(path)[..^Suffix.Length]).Order(StringComparer.Ordinal)]
            : [];
    }

    private TagRecord? Parse(string path, byte[] content)
    {
        try
        {
            var document = JsonSerializer.Deserialize(content, StoreJson.Default.TagDocument);
            if (document is { Version: 1, MediaType: not null } && Digest.TryParse(document.Digest, out var digest))
            {
                return new TagRecord(digest, document.MediaType, document.When, document.Pinned);
            }

            _log.DamagedRecord(path, "not a tag record of version 1");
        }
        catch (JsonException e)
        {
            _log.DamagedRecord(path, e.Message);
        }

        return null;
    }

    private string PathOf(RepositoryName repository, string tag) => ReferenceGrammar.IsTag(tag)
        ? Path.Combine(FolderOf(repository), tag + Suffix)
        : throw new ArgumentException($"'{tag}' is not a tag.", nameof(tag));

    /// <summary>Names come checked from their grammar; a path is made of them, so they are checked here too.</summary>
    private string FolderOf(RepositoryName repository)
    {
        ArgumentNullException.ThrowIfNull(repository);
        return ReferenceGrammar.IsRegistry(repository.Registry) && ReferenceGrammar.IsPath(repository.Path)
            ? Path.Combine(_folder, repository.Registry, repository.Path, Leaf)
            : throw new ArgumentException($"'{repository}' is not a repository.", nameof(repository));
    }

    private void MakeFolders(string folder)
    {
        if (!Directory.Exists(folder))
        {
            if (folder.Length > _folder.Length)
            {
                MakeFolders(Path.GetDirectoryName(folder)!);
            }

            DurableFile.MakeFolder(folder);
        }
    }
}

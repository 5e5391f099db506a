using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Store.Repositories;
using Pier.Store.Tags;

namespace Pier.Registry.Local;

/// <summary>Whole images of the node's own repositories that come or go by another way than pushes: imports and <c>pier rm</c>.</summary>
public sealed class LocalImages
{
    private const int MaxDepth = 8;

    private readonly LocalRepositories _repositories;
    private readonly LocalContent _content;
    private readonly TagStore _tags;
    private readonly IContentStore _store;

    internal LocalImages(LocalRepositories repositories, LocalContent content, TagStore tags, IContentStore store)
    {
        _repositories = repositories;
        _content = content;
        _tags = tags;
        _store = store;
    }

    /// <summary>Gives a repository an image that the store holds; nothing happens for a repository of somebody else.</summary>
    /// <exception cref="ContentFormatException">A manifest is malformed.</exception>
    public async Task AdoptAsync(RepositoryName repository, Digest root, CancellationToken cancellationToken)
    {
        if (LocalNames.IsLocal(repository))
        {
            await AdoptAsync(repository, root, 0, cancellationToken);
        }
    }

    /// <summary>Adopts what earlier versions, or an import that was cut off, left under a tag and nowhere else.</summary>
    public async Task AdoptTaggedAsync(CancellationToken cancellationToken)
    {
        foreach (var repository in _tags.Repositories().Where(LocalNames.IsLocal).ToArray())
        {
            foreach (var (_, record) in _tags.Tags(repository).Where(tag => _repositories.FindManifest(repository, tag.Record.Digest) is null).ToArray())
            {
                await AdoptAsync(repository, record.Digest, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Takes an image from its repository, except for what another manifest or tag there still needs. The bytes stay in the
    /// store, free to be removed.
    /// </summary>
    public async Task ForgetAsync(RepositoryName repository, Digest root, CancellationToken cancellationToken)
    {
        if (!LocalNames.IsLocal(repository) || _tags.Tags(repository).Any(tag => tag.Record.Digest == root))
        {
            return;
        }

        var going = await ReachAsync(repository, root, cancellationToken);
        var staying = new HashSet<Digest>();
        foreach (var other in _repositories.Manifests(repository).Keys.Where(digest => !going.Contains(digest))
            .Concat(_tags.Tags(repository).Select(tag => tag.Record.Digest)))
        {
            staying.UnionWith(await ReachAsync(repository, other, cancellationToken));
        }

        foreach (var digest in going.Except(staying))
        {
            _repositories.RemoveManifest(repository, digest);
            _repositories.RemoveBlob(repository, digest);
        }
    }

    private async Task AdoptAsync(RepositoryName repository, Digest digest, int depth, CancellationToken cancellationToken)
    {
        if (depth > MaxDepth || _repositories.FindManifest(repository, digest) is not null
            || await ReadAsync(digest, cancellationToken) is not { } manifest)
        {
            return;
        }

        // What is needed first, so that a manifest is never there without its blobs.
        foreach (var reference in manifest.References)
        {
            if (manifest is ImageIndex)
            {
                await AdoptAsync(repository, reference.Digest, depth + 1, cancellationToken);
            }
            else
            {
                await _content.LinkBlobAsync(repository, reference.Digest, cancellationToken);
            }
        }

        await _content.LinkManifestAsync(repository, digest, new LocalManifest(manifest.MediaType, manifest.Subject?.Digest), cancellationToken);
    }

    /// <summary>The manifest and everything that it needs, as far as the repository has it.</summary>
    private async Task<HashSet<Digest>> ReachAsync(RepositoryName repository, Digest root, CancellationToken cancellationToken)
    {
        var reached = new HashSet<Digest>();
        var pending = new Stack<Digest>([root]);
        while (pending.TryPop(out var digest))
        {
            if (!reached.Add(digest) || _repositories.FindManifest(repository, digest) is null
                || await ReadAsync(digest, cancellationToken) is not { } manifest)
            {
                continue;
            }

            foreach (var reference in manifest.References)
            {
                pending.Push(reference.Digest);
            }
        }

        return reached;
    }

    /// <summary>A manifest of the store; null when it is not there, or of a type whose references nobody knows.</summary>
    private async ValueTask<Manifest?> ReadAsync(Digest digest, CancellationToken cancellationToken)
    {
        await using var reader = await _store.OpenAsync(digest, cancellationToken);
        if (reader is null || reader.Length > ManifestParser.MaxSize)
        {
            return null;
        }

        var content = new byte[reader.Length];
        for (var offset = 0; offset < content.Length;)
        {
            offset += await reader.ReadAtAsync(offset, content.AsMemory(offset), cancellationToken);
        }

        try
        {
            return ManifestParser.Parse(null, content);
        }
        catch (ContentFormatException)
        {
            return null;
        }
    }
}

using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Store.Tags;

namespace Pier.Fetch.Manifests;

/// <summary>The tags that this node remembers, for people: what each names, asked anew, or held where it is.</summary>
public sealed class TagDesk
{
    private readonly ManifestFetcher _manifests;
    private readonly TagStore _tags;
    private readonly TimeProvider _time;

    internal TagDesk(ManifestFetcher manifests, TagStore tags, TimeProvider time)
    {
        _manifests = manifests;
        _tags = tags;
        _time = time;
    }

    /// <summary>Every tag of mirrored repositories that is remembered, in order of name.</summary>
    public IReadOnlyList<(ImageReference Image, TagRecord Record)> List() =>
    [
        .. _tags.Repositories().Where(repository => !LocalNames.IsLocal(repository)).OrderBy(repository => repository.ToString(), StringComparer.Ordinal)
            .SelectMany(repository => _tags.Tags(repository).Select(tag => (new ImageReference(repository, tag.Tag, Digest: null), tag.Record))),
    ];

    /// <summary>Asks the upstream what a tag names now.</summary>
    /// <returns>What it named before, null when nobody knew, and what it names now.</returns>
    /// <exception cref="ContentInUseException">The tag is pinned.</exception>
    /// <exception cref="ContentException">The upstream does not answer, or has no such tag.</exception>
    public async Task<(TagRecord? Before, TagRecord Now)> RefreshAsync(ImageReference image, CancellationToken cancellationToken)
    {
        var tag = TagOf(image);
        var before = _tags.Find(image.Repository, tag);
        if (before is { Pinned: true })
        {
            throw new ContentInUseException($"{image.Familiar} is pinned to {before.Digest}; unpin it first.");
        }
        var now = await _manifests.RefreshAsync(image.Repository, tag, cancellationToken);
        return (before, new TagRecord(now.Digest, now.MediaType, _time.GetUtcNow()));
    }

    /// <summary>Holds a tag where it is, or at the digest that the reference gives as well, until it is unpinned.</summary>
    /// <exception cref="ContentException">What it is to name cannot be had.</exception>
    public async Task<TagRecord> PinAsync(ImageReference image, CancellationToken cancellationToken)
    {
        var tag = TagOf(image);
        var known = _tags.Find(image.Repository, tag);
        if (known is null || (image.Digest is { } digest && digest != known.Digest))
        {
            var document = image.Digest is { } given
                ? await _manifests.ByDigestAsync(image.Repository, given, cancellationToken)
                : await _manifests.ByTagAsync(image.Repository, tag, cancellationToken);
            known = new TagRecord(document.Digest, document.MediaType, _time.GetUtcNow());
        }
        var pinned = known with { Pinned = true };
        _tags.Put(image.Repository, tag, pinned);
        return pinned;
    }

    /// <summary>Lets a tag follow its upstream again.</summary>
    /// <exception cref="ContentNotFoundException">It is not pinned.</exception>
    public TagRecord Unpin(ImageReference image)
    {
        var tag = TagOf(image);
        if (_tags.Find(image.Repository, tag) is not { Pinned: true } pinned)
        {
            throw new ContentNotFoundException($"{image.Familiar} is not pinned; 'pier tag ls' shows which are.");
        }
        var free = pinned with { Pinned = false };
        _tags.Put(image.Repository, tag, free);
        return free;
    }

    private static string TagOf(ImageReference image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return LocalNames.IsLocal(image.Repository)
            ? throw new ReferenceFormatException($"{image.Familiar} is this node's own: its tags follow what is pushed.")
            : image.Tag ?? throw new ReferenceFormatException($"{image.Familiar} names no tag.");
    }
}

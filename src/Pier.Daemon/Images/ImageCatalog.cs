using Pier.Api.Images;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Daemon.Http;
using Pier.Store.Tags;

namespace Pier.Daemon.Images;

/// <summary>A tag with what is held below it.</summary>
internal sealed record CatalogImage(RepositoryName Repository, string Tag, TagRecord Record, ImageContents Contents)
{
    /// <summary>As Docker spells it.</summary>
    public string Name => $"{Repository.Familiar}:{Tag}";
}

/// <summary>The images of this node: the tags it remembers over the blobs it holds.</summary>
internal sealed class ImageCatalog(TagStore tags, IContentStore store)
{
    private readonly ImageWalk _walk = new(store);

    /// <summary>Every remembered tag, in order of names.</summary>
    public async Task<IReadOnlyList<CatalogImage>> ListAsync(CancellationToken cancellationToken)
    {
        var images = new List<CatalogImage>();
        foreach (var repository in tags.Repositories())
        {
            foreach (var (tag, record) in tags.Tags(repository))
            {
                images.Add(new CatalogImage(repository, tag, record, await _walk.FollowAsync(record.Digest, record.MediaType, cancellationToken)));
            }
        }
        images.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return images;
    }

    /// <summary>The image of a remembered tag.</summary>
    /// <exception cref="ControlException">No such tag is remembered.</exception>
    public async Task<CatalogImage> FindAsync(ImageReference reference, CancellationToken cancellationToken)
    {
        var tag = reference.WithDefaultTag().Tag;
        return tag is not null && tags.Find(reference.Repository, tag) is { } record
            && (reference.Digest is null || reference.Digest == record.Digest)
            ? new CatalogImage(reference.Repository, tag, record, await _walk.FollowAsync(record.Digest, record.MediaType, cancellationToken))
            : throw ControlException.NotFound($"There is no image {reference.Familiar} here.", "See 'pier images', or pull it: pier pull IMAGE.");
    }

    /// <summary>What the API tells of an image.</summary>
    public async Task<ImageSummary> DescribeAsync(CatalogImage image, CancellationToken cancellationToken) => new(
        image.Name, image.Record.Digest.ToString(), image.Record.MediaType, image.Contents.Size, image.Contents.Missing, image.Record.When,
        await store.StatAsync(image.Record.Digest, cancellationToken) is { Pinned: true });

    /// <summary>Blobs of this image that no other image, or with <paramref name="pinned"/> no other pinned image, has.</summary>
    public async Task<IReadOnlyList<Digest>> OwnBlobsAsync(CatalogImage image, bool pinned, CancellationToken cancellationToken)
    {
        var own = image.Contents.Held.Keys.ToHashSet();
        foreach (var other in await ListAsync(cancellationToken))
        {
            if (other.Name != image.Name
                && (!pinned || await store.StatAsync(other.Record.Digest, cancellationToken) is { Pinned: true }))
            {
                own.ExceptWith(other.Contents.Held.Keys);
            }
        }
        return [.. own];
    }

    /// <summary>Forgets the tag; its blobs stay.</summary>
    public void Forget(CatalogImage image) => tags.Remove(image.Repository, image.Tag);

    /// <summary>Remembers what a tag names.</summary>
    public void Remember(RepositoryName repository, string tag, TagRecord record) => tags.Put(repository, tag, record);
}

using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Membership.Client;
using Pier.Store.Tags;
using TagRecord = Pier.Store.Tags.TagRecord;

namespace Pier.Fetch.Manifests;

/// <summary>What a tag named last, by this node's own memory and the members' (design §3.2).</summary>
internal sealed class TagMemory(TagStore tags, INodeClient members, FetchOptions options, TimeProvider time, ILogger<TagMemory> log)
{
    /// <summary>The newest answer that this node or a member remembers, now that the upstream gives none; null when nobody does.</summary>
    public async ValueTask<LastKnown?> FindAsync(RepositoryName repository, string tag, CancellationToken cancellationToken)
    {
        var ours = tags.Find(repository, tag);
        var patience = ours is null ? options.LastMemberPatience : options.MemberPatience;
        var theirs = await members.FindTagAsync(repository, tag, patience, cancellationToken);
        if (theirs is not null && (ours is null || theirs.Tag.When > ours.When))
        {
            return new LastKnown(theirs.Tag.Digest, theirs.Tag.MediaType, theirs.Tag.When, theirs.Member.Name);
        }
        return ours is null ? null : new LastKnown(ours.Digest, ours.MediaType, ours.When, Member: null);
    }

    /// <summary>What this node itself remembers; null when nothing.</summary>
    public TagRecord? Ours(RepositoryName repository, string tag) => tags.Find(repository, tag);

    /// <summary>Keeps what the upstream has just said.</summary>
    public void Remember(RepositoryName repository, string tag, Digest digest, string mediaType) =>
        Keep(repository, tag, new TagRecord(digest, mediaType, time.GetUtcNow()));

    /// <summary>Keeps what a member told, under the time at which the upstream told the member.</summary>
    public void Remember(RepositoryName repository, string tag, LastKnown known) =>
        Keep(repository, tag, new TagRecord(known.Digest, known.MediaType, known.When));

    private void Keep(RepositoryName repository, string tag, TagRecord record)
    {
        try
        {
            tags.PutUnlessPinned(repository, tag, record);
        }
        catch (ContentStorageException failure)
        {
            // The answer is good all the same; only a later outage will not know it.
            LogMessages.TagNotKept(log, repository, tag, failure.Message);
        }
    }
}

/// <summary>The last known answer of a tag.</summary>
/// <param name="Digest">The manifest it named.</param>
/// <param name="MediaType">Its media type.</param>
/// <param name="When">When the upstream said so.</param>
/// <param name="Member">The member that remembers; null when this node does.</param>
internal sealed record LastKnown(Digest Digest, string MediaType, DateTimeOffset When, string? Member);

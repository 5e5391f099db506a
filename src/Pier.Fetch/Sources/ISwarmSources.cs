using Pier.Content.Contracts;
using Pier.Fetch.Ladder;
using Pier.Membership.Client;
using Pier.Membership.Members;

namespace Pier.Fetch.Sources;

/// <summary>Makes sources of swarms: those that members vouch for, and those that strangers claim.</summary>
internal interface ISwarmSources
{
    /// <summary>One swarm for each pair of info-hashes that members told, the most vouched first.</summary>
    IEnumerable<Candidate> For(BlobRequest request, IReadOnlyList<MemberHolding> holdings);

    /// <summary>The holder of a turn, followed while it still downloads.</summary>
    /// <param name="holder">Whom to follow.</param>
    /// <param name="patience">How long its first answer and byte may take, which are those of its upstream; null for one that has it all.</param>
    IContentSource Follow(Member holder, TimeSpan? patience);

    /// <summary>Begins to look for strangers by the digest alone (design §4); null when policy or settings leave nobody to be met.</summary>
    /// <param name="request">The blob.</param>
    /// <param name="found">Called, by any thread, when there is one more to take.</param>
    IStrangers? Meet(BlobRequest request, Action found);
}

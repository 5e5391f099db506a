using Pier.Content.Contracts;
using Pier.Fetch.Ladder;
using Pier.Membership.Client;

namespace Pier.Fetch.Sources;

/// <summary>Makes sources of swarms that members vouch for.</summary>
internal interface ISwarmSources
{
    /// <summary>One swarm for each pair of info-hashes that members told, the most vouched first.</summary>
    IEnumerable<Candidate> For(BlobRequest request, IReadOnlyList<MemberHolding> holdings);
}

using Pier.Membership.Client;
using Pier.Membership.Identity;
using Pier.Membership.Members;
using Pier.Membership.Wire;

namespace Pier.Membership.Holdings;

/// <summary>Asks a member what has changed in its holdings, when its heartbeat says that something has.</summary>
internal sealed class HoldingsClient(HoldingsBoard board, NodeConnections connections, NodeCalls calls, MembershipOptions options)
{
    /// <summary>Catches up with a member.</summary>
    /// <param name="member">Whom to ask.</param>
    /// <param name="told">The moment that it told of.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="MemberException">It failed, or told nonsense.</exception>
    public async Task FollowAsync(Member member, HoldingsVersion told, CancellationToken cancellationToken)
    {
        var known = board.KnownOf(member.Id);
        if (told == known || told == default)
        {
            return;
        }

        var answer = await calls.CallAsync(
            member, connections.To(member), HttpMethod.Get, $"{NodeRoutes.Summary}?epoch={known.Epoch}&number={known.Number}", body: null, HoldingsDelta.MaxBytes, options.AnswerPatience, cancellationToken);
        if (answer is null || HoldingsDelta.Parse(answer.Body.Span) is not { } delta || !board.Take(member.Id, known, delta))
        {
            throw new MemberException(member, MemberFailure.Malformed, "what it says of its holdings cannot be.");
        }
    }
}

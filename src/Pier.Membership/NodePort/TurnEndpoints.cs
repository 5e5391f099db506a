using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pier.Membership.Identity;
using Pier.Membership.Members;
using Pier.Membership.Turns;
using Pier.Membership.Wire;

namespace Pier.Membership.NodePort;

/// <summary>The referee as other members reach it.</summary>
internal sealed class TurnEndpoints(MemberTable table, TurnReferee referee)
{
    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(NodeRoutes.TurnAsk, AskAsync);
        routes.MapPost(NodeRoutes.TurnRenew, RenewAsync);
        routes.MapPost(NodeRoutes.TurnRelease, ReleaseAsync);
    }

    private async Task AskAsync(HttpContext context)
    {
        var request = await context.ReadAsync(NodeJson.Default.TurnRequestDocument);
        var unreachable = default(NodeId);
        if (request.Unreachable is { } named && !NodeId.TryParse(named, out unreachable))
        {
            throw new BadHttpRequestException("unreachable is no node id.");
        }

        var asker = context.Peer();
        var digest = NodeRequest.ParseDigest(request.Digest);
        var ruling = referee.Ask(asker, digest, unreachable);
        if (!ruling.IsGranted && Describe(ruling.Holder) is null)
        {
            // The holder has been forgotten since, so nobody can follow it.
            ruling = referee.Ask(asker, digest, ruling.Holder);
        }

        await context.AnswerAsync(
            new TurnAnswerDocument
            {
                Granted = ruling.IsGranted,
                LeaseMs = (long)referee.Lease.TotalMilliseconds,
                Follow = ruling.IsGranted ? null : Describe(ruling.Holder),
                Done = ruling.IsDone,
            },
            NodeJson.Default.TurnAnswerDocument);
    }

    private async Task RenewAsync(HttpContext context)
    {
        var request = await context.ReadAsync(NodeJson.Default.TurnRequestDocument);
        var holds = referee.Renew(context.Peer(), NodeRequest.ParseDigest(request.Digest), request.Progress, request.Waiting);
        await context.AnswerAsync(new TurnAnswerDocument { Granted = holds }, NodeJson.Default.TurnAnswerDocument);
    }

    private async Task ReleaseAsync(HttpContext context)
    {
        var request = await context.ReadAsync(NodeJson.Default.TurnRequestDocument);
        referee.Release(
            context.Peer(), NodeRequest.ParseDigest(request.Digest), request.Done ? TurnOutcome.Done : TurnOutcome.Failed);
        context.End(StatusCodes.Status204NoContent);
    }

    private MemberDocument? Describe(NodeId holder) => holder == table.Self.Id
        ? MemberDocument.Of(table.Self)
        : table.Tell().FirstOrDefault(entry => entry.Record.Id == holder) is { } entry
            ? MemberDocument.Of(entry.Record, entry.Silence)
            : null;
}

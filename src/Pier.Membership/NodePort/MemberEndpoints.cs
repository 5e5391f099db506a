using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Pier.Membership.Holdings;
using Pier.Membership.Joining;
using Pier.Membership.Members;
using Pier.Membership.Wire;

namespace Pier.Membership.NodePort;

/// <summary>Joining, heartbeats and goodbyes.</summary>
internal sealed class MemberEndpoints(
    MemberTable table, IMembership membership, HoldingsJournal holdings, JoinChallenges challenges, ILogger<MemberEndpoints> logger)
{
    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(NodeRoutes.JoinChallenge, ChallengeAsync);
        routes.MapPost(NodeRoutes.Join, JoinAsync);
        routes.MapPost(NodeRoutes.Heartbeat, HeartbeatAsync);
        routes.MapPost(NodeRoutes.Goodbye, GoodbyeAsync);
    }

    private Task ChallengeAsync(HttpContext context) => context.AnswerAsync(
        new JoinChallengeDocument { Challenge = challenges.Issue(context.Peer()) }, NodeJson.Default.JoinChallengeDocument);

    private async Task JoinAsync(HttpContext context)
    {
        var peer = context.Peer();
        var request = await context.ReadAsync(NodeJson.Default.JoinRequestDocument);
        var entry = request.Self.ToEntry();
        if (entry.Record.Id != peer || !challenges.Accept(membership.SwarmKey.Span, peer, request.Challenge, request.Proof))
        {
            logger.JoinRefused(peer.Short, context.PeerAddress());
            context.End(StatusCodes.Status403Forbidden);
            return;
        }

        if (!table.Heard(entry.Record, context.PeerAddress()))
        {
            logger.ClusterFull(peer.Short, context.PeerAddress());
            context.End(StatusCodes.Status503ServiceUnavailable);
            return;
        }

        logger.Joined(entry.Record.Name, peer.Short, context.PeerAddress());
        await context.AnswerAsync(Greeting.From(table), NodeJson.Default.Greeting);
    }

    private async Task HeartbeatAsync(HttpContext context)
    {
        var greeting = await context.ReadAsync(NodeJson.Default.Greeting);
        var sender = greeting.ParseSelf(context.Peer());
        var told = greeting.ParseMembers();
        table.Heard(sender, context.PeerAddress());
        table.Learn(told);
        var moment = holdings.Version;
        await context.AnswerAsync(
            Greeting.From(table) with { HoldingsEpoch = moment.Epoch, HoldingsNumber = moment.Number }, NodeJson.Default.Greeting);
    }

    private Task GoodbyeAsync(HttpContext context)
    {
        table.Leave(context.Peer());
        context.End(StatusCodes.Status204NoContent);
        return Task.CompletedTask;
    }
}

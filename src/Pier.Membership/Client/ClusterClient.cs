using System.Net;
using System.Security.Authentication;
using System.Text.Json;
using Pier.Membership.Holdings;
using Pier.Membership.Identity;
using Pier.Membership.Joining;
using Pier.Membership.Members;
using Pier.Membership.Wire;

namespace Pier.Membership.Client;

/// <summary>Joining, heartbeats and goodbyes, as this node sends them.</summary>
internal sealed class ClusterClient(
    NodeIdentity identity, MemberTable table, NodeConnections connections, NodeCalls calls, MembershipOptions options)
{
    /// <summary>Joins through the node at a host name: pins its key, answers its challenge, takes its list.</summary>
    /// <returns>The founder of the cluster.</returns>
    /// <exception cref="ClusterException">Tells which step failed.</exception>
    public async Task<NodeId> JoinAsync(JoinTarget target, CancellationToken cancellationToken)
    {
        var failure = default(Exception);
        foreach (var address in await ResolveAsync(target, cancellationToken))
        {
            var node = new Member(target.Token.Node, target.Host, new IPEndPoint(address, target.Port), PeerEndpoint: null, default, Liveness.Dead);
            try
            {
                return await JoinAsync(node, target.Token.Secret, cancellationToken);
            }
            catch (MemberException cause) when (cause.Failure is MemberFailure.Refused or MemberFailure.Busy)
            {
                throw new ClusterException(
                    ClusterFailure.Refused,
                    cause.Failure == MemberFailure.Busy ? $"{target} takes no more members." : $"{target} refuses the join token; 'pier cluster token' on that node prints the right one.",
                    cause);
            }
            catch (MemberException cause) when (cause.InnerException?.InnerException is AuthenticationException || cause.InnerException is AuthenticationException)
            {
                throw new ClusterException(
                    ClusterFailure.WrongNode, $"Whoever answers at {node.Endpoint} is not the node that the join token names ({target.Token.Node.Short}).", cause);
            }
            catch (MemberException cause)
            {
                failure = cause;
            }
        }

        throw new ClusterException(ClusterFailure.Unreachable, $"Cannot join {target}: {failure?.Message ?? "the host name has no address."}", failure);
    }

    /// <summary>Joins through a member whose address is known.</summary>
    /// <exception cref="MemberException">It failed or refused.</exception>
    public async Task<NodeId> JoinAsync(Member node, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken)
    {
        // The member list may not have this node yet, so the pool is this call's own.
        using var http = PinnedConnection.To(node.Id, identity);
        var answer = await calls.CallAsync(
            node, http, HttpMethod.Post, NodeRoutes.JoinChallenge, body: null, NodeRoutes.MaxJsonBytes, options.JoinPatience, cancellationToken)
            ?? throw new MemberException(node, MemberFailure.Malformed, "it gave no challenge.");
        var challenge = NodeCalls.Parse(node, answer.Body, NodeJson.Default.JoinChallengeDocument);
        var request = new JoinRequestDocument
        {
            Challenge = challenge.Challenge,
            Proof = JoinProof.Compute(secret.Span, node.Id, identity.Id, challenge.Challenge),
            Self = MemberDocument.Of(table.Self),
        };
        var greeting = await calls.CallAsync(
            node, http, NodeRoutes.Join, request, NodeJson.Default.JoinRequestDocument, NodeJson.Default.Greeting, options.JoinPatience, cancellationToken);
        return Take(node, greeting);
    }

    /// <summary>Tells a member that this node lives, and takes its list.</summary>
    /// <returns>The moment in its holdings.</returns>
    /// <exception cref="MemberException">It failed; <see cref="MemberFailure.Refused"/> when it does not know this node.</exception>
    public async Task<HoldingsVersion> HeartbeatAsync(Member member, CancellationToken cancellationToken)
    {
        var greeting = await calls.CallAsync(
            member, connections.To(member), NodeRoutes.Heartbeat, Greeting.From(table), NodeJson.Default.Greeting, NodeJson.Default.Greeting, options.AnswerPatience, cancellationToken);
        Take(member, greeting);
        return new HoldingsVersion(greeting!.HoldingsEpoch, greeting.HoldingsNumber);
    }

    /// <summary>Tells a member that this node stops.</summary>
    /// <exception cref="MemberException">It failed; it will notice the silence.</exception>
    public Task GoodbyeAsync(Member member, CancellationToken cancellationToken) => calls.CallAsync(
        member, connections.To(member), HttpMethod.Post, NodeRoutes.Goodbye, body: null, NodeRoutes.MaxJsonBytes, options.AnswerPatience, cancellationToken);

    private NodeId Take(Member node, Greeting? greeting)
    {
        try
        {
            var founder = (greeting ?? throw new JsonException("it told nothing.")).ParseFounder();
            var told = greeting.ParseMembers();
            table.Heard(greeting.ParseSelf(node.Id), node.Endpoint.Address);
            table.Learn(told);
            return founder;
        }
        catch (JsonException cause)
        {
            throw new MemberException(node, MemberFailure.Malformed, cause.Message, cause);
        }
    }

    private static async Task<IPAddress[]> ResolveAsync(JoinTarget target, CancellationToken cancellationToken)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(target.Host, cancellationToken);
        }
        catch (System.Net.Sockets.SocketException cause)
        {
            throw new ClusterException(ClusterFailure.Unreachable, $"Cannot join {target}: the host name cannot be resolved: {cause.Message}", cause);
        }
    }
}

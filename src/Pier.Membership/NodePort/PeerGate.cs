using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pier.Membership.Identity;
using Pier.Membership.Members;
using Pier.Membership.Wire;

namespace Pier.Membership.NodePort;

/// <summary>
/// Lets members through and nobody else; a stranger reaches the two join requests only. TLS has proved the key
/// behind the id before, so an id on the list is the member.
/// </summary>
internal sealed class PeerGate(MemberTable table, ILogger<PeerGate> logger)
{
    /// <summary>Judges one request; protocol errors end here as statuses.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            var peer = context.Peer();
            if (!IsJoin(context.Request.Path) && !IsMember(peer))
            {
                logger.StrangerRefused(peer.Short, context.PeerAddress(), context.Request.Path);
                Close(context, StatusCodes.Status403Forbidden);
                return;
            }

            await next(context);
        }
        catch (BadHttpRequestException cause) when (!context.Response.HasStarted)
        {
            logger.BadRequest(context.PeerAddress(), context.Request.Path, cause.Message);
            Close(context, cause.StatusCode);
        }
        catch (JsonException cause) when (!context.Response.HasStarted)
        {
            logger.BadRequest(context.PeerAddress(), context.Request.Path, cause.Message);
            Close(context, StatusCodes.Status400BadRequest);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The asker went away; there is nobody to answer.
            context.Abort();
        }
    }

    private static bool IsJoin(PathString path) => path == NodeRoutes.Join || path == NodeRoutes.JoinChallenge;

    private static void Close(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            context.Response.Headers.Connection = "close";
        }
    }

    private bool IsMember(NodeId peer)
    {
        var snapshot = table.Current;
        return snapshot.IsJoined && peer != snapshot.Self.Id && snapshot.Find(peer) is not null;
    }
}

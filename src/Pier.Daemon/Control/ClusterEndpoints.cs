using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Pier.Api;
using Pier.Api.Cluster;
using Pier.Daemon.Http;
using Pier.Daemon.Nodes;
using Pier.Membership;

namespace Pier.Daemon.Control;

/// <summary><c>/v1/cluster</c>.</summary>
internal static class ClusterEndpoints
{
    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(ApiPaths.ClusterInit, InitAsync);
        endpoints.MapPost(ApiPaths.ClusterTokens, static (ClusterDoor door) => Answer(door.Token()));
        endpoints.MapGet(ApiPaths.ClusterMembers, static (IMembership membership, TimeProvider clock) =>
            TypedResults.Json(new MemberList(StatusRecords.Members(membership.Current, clock)), ApiJson.Default.MemberList));
    }

    private static async Task<JsonHttpResult<ClusterToken>> InitAsync(HttpContext context, ClusterDoor door)
    {
        var request = await Bodies.ReadOrNullAsync(context, ApiJson.Default.ClusterInitRequest);
        return Answer(await door.InitAsync(request?.Advertise, context.RequestAborted));
    }

    private static JsonHttpResult<ClusterToken> Answer(ClusterToken token) => TypedResults.Json(token, ApiJson.Default.ClusterToken);
}

using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Membership.Client;
using Pier.Membership.Identity;
using Pier.Membership.Wire;

namespace Pier.Membership.NodePort;

/// <summary>What every handler of the node port does with a request: who sent it, its bounded JSON, its digest, its answer.</summary>
internal static class NodeRequest
{
    /// <summary>The sender, proved by its certificate.</summary>
    public static NodeId Peer(this HttpContext context) =>
        context.Connection.ClientCertificate is { } certificate
            ? NodeId.OfCertificate(certificate)
            : throw new BadHttpRequestException("The node port needs a client certificate.", StatusCodes.Status403Forbidden);

    /// <summary>The address the sender comes from.</summary>
    public static IPAddress PeerAddress(this HttpContext context) => context.Connection.RemoteIpAddress ?? IPAddress.Loopback;

    /// <summary>Reads the JSON body; Kestrel's body limit bounds its size, the context its depth.</summary>
    /// <exception cref="BadHttpRequestException">The body is not such a document.</exception>
    public static async Task<T> ReadAsync<T>(this HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted)
                ?? throw new JsonException("The body is null.");
        }
        catch (JsonException cause)
        {
            throw new BadHttpRequestException($"The body is not a {typeof(T).Name}: {cause.Message}", StatusCodes.Status400BadRequest, cause);
        }
    }

    /// <summary>Sends a JSON answer.</summary>
    public static Task AnswerAsync<T>(this HttpContext context, T document, JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(document, type), context.RequestAborted).AsTask();
    }

    /// <summary>The blob that a route and its query name.</summary>
    /// <exception cref="BadHttpRequestException">They name none.</exception>
    public static BlobName RouteName(this HttpContext context)
    {
        try
        {
            return BlobName.Of(context.RouteDigest(), key => context.Request.Query[key]);
        }
        catch (FormatException malformed)
        {
            throw new BadHttpRequestException("'under' must be a repository, as REGISTRY/PATH.", malformed);
        }
    }

    /// <summary>The digest in the path.</summary>
    /// <exception cref="BadHttpRequestException">It is none.</exception>
    public static Digest RouteDigest(this HttpContext context) =>
        ParseDigest(context.Request.RouteValues["digest"] as string);

    /// <summary>A digest from a path or body.</summary>
    /// <exception cref="BadHttpRequestException">It is none.</exception>
    public static Digest ParseDigest(string? text) =>
        Digest.TryParse(text, out var digest) ? digest : throw new BadHttpRequestException("That is no digest.");

    /// <summary>Ends with a status and no body.</summary>
    public static void End(this HttpContext context, int status) => context.Response.StatusCode = status;
}

using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Pier.Api;
using Pier.Api.Supplies;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Registry.Access;
using Pier.Registry.Bodies;

namespace Pier.Registry.Supplies;

/// <summary>
/// The doors for builds: the resolve document, which BuildKit fetches again and again as an ordinary file, and the bytes. Only
/// engines of this host come here; what a web page in somebody's browser asks for is refused.
/// </summary>
internal sealed class SupplyEndpoint(IContentSupply supply, AccessGate gate)
{
    private const int MaxIncludes = 256;
    private const int MaxIncludeLength = 4096;

    /// <summary>Longest wait of one question; BuildKit shows the next one's progress instead.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Answers how far content is.</summary>
    public async Task ResolveAsync(HttpContext context)
    {
        SupplyAnswer answer;
        try
        {
            var request = Admit(context, Read(context.Request.Query));
            var status = await supply.ResolveAsync(request, IsFirst(context.Request.Query), Patience, context.RequestAborted);
            answer = Describe(status);
        }
        catch (Exception refused) when (refused is FormatException or ContentException)
        {
            // Of a status that says failure BuildKit would show the number alone.
            answer = new SupplyAnswer(SupplyStates.Failed) { Error = refused.Message };
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(answer, ApiJson.Default.SupplyAnswer);
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>Sends the bytes of a digest.</summary>
    public async Task SendAsync(HttpContext context)
    {
        if (!Digest.TryParse((string?)context.Request.RouteValues["digest"] ?? "", out var digest))
        {
            throw new ContentNotFoundException($"'{context.Request.Path}' names no digest.");
        }

        SupplyRequest request;
        try
        {
            request = Admit(context, Read(context.Request.Query));
        }
        catch (ContentUriException refused)
        {
            throw new BadHttpRequestException(refused.Message, refused);
        }

        await using var reader = await supply.OpenAsync(digest, request, context.RequestAborted);
        var part = BlobHead.Set(context, digest, reader.Length);
        if (part is { Length: > 0 } && HttpMethods.IsGet(context.Request.Method))
        {
            await BlobBody.SendAsync(context.Response, reader, part.Value, context.RequestAborted);
        }
    }

    /// <summary>
    /// True for programs of this host: whoever asks can have the node fetch from anywhere. Browsers, which web pages can make ask,
    /// say where a request comes from (Fetch Metadata); engines do not.
    /// </summary>
    public static bool IsFromEngine(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
        && StringValues.IsNullOrEmpty(context.Request.Headers["Sec-Fetch-Site"]) && StringValues.IsNullOrEmpty(context.Request.Headers.Origin);

    /// <summary>What the rules keep from whoever asks at the registry's door is not had at this one either.</summary>
    /// <exception cref="ContentDeniedException">Names the source.</exception>
    private SupplyRequest Admit(HttpContext context, SupplyRequest request) =>
        request.Uris.OfType<OciUri>().FirstOrDefault(uri => !gate.MayPull(context, uri.Image.Repository)) is { } kept
            ? throw new ContentDeniedException($"{kept}: builds give no user name, and this node's rules let nobody without one pull {kept.Image.Repository.Familiar}. The rules stand under 'access' in its configuration file.")
            : request;

    private static bool IsFirst(IQueryCollection query) => query["attempt"] is not [{ } attempt] || attempt == "0";

    private static SupplyRequest Read(IQueryCollection query)
    {
        string[] includes = [.. query[SupplyAddresses.IncludeKey].OfType<string>()];
        return includes.Length <= MaxIncludes && Array.TrueForAll(includes, include => include.Length is > 0 and <= MaxIncludeLength)
            ? new SupplyRequest(ContentUri.ParseAll([.. query[SupplyAddresses.UriKey].OfType<string>()]), includes)
            {
                WithTorrent = query.ContainsKey(SupplyAddresses.TorrentKey),
                Plain = query.ContainsKey(SupplyAddresses.PlainKey),
            }
            : throw new ContentUriException($"At most {MaxIncludes} patterns of 1 to {MaxIncludeLength} characters can be given.");
    }

    private static SupplyAnswer Describe(SupplyStatus status) => status switch
    {
        { Blob: { } blob } => new SupplyAnswer(SupplyStates.Ready)
        {
            Digest = blob.Digest.ToString(),
            Size = blob.Size,
            IsTree = blob.IsTree,
            IsExecutable = blob.IsExecutable,
            Name = blob.Name,
            Torrent = blob.Torrent?.ToString(),
            InfoHashes = blob.InfoHashes.Count > 0 ? blob.InfoHashes : null,
            Outline = blob.Outline,
            Archive = blob.Archive?.ToString(),
            IsMutable = status.IsMutable,
        },
        { Problem: { } problem } => new SupplyAnswer(SupplyStates.Failed) { Error = problem },
        _ => new SupplyAnswer(SupplyStates.Working)
        {
            IsMutable = status.IsMutable, Done = status.Done, Total = status.Total, Rate = status.Rate, Sources = status.Sources.Length > 0 ? status.Sources : null,
        },
    };
}

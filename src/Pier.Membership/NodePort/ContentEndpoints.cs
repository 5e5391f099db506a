using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Pier.Content.References;
using Pier.Membership.Holdings;
using Pier.Membership.Wire;

namespace Pier.Membership.NodePort;

/// <summary>Holdings, manifests and tags, for members to ask; blobs go through <see cref="BlobEndpoint"/>.</summary>
internal sealed class ContentEndpoints(INodeContent content, HoldingsJournal holdings)
{
    private const int MaxNameLength = 512;

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(NodeRoutes.Holdings + "{digest}", HoldingAsync);
        routes.MapGet(NodeRoutes.Summary, SummaryAsync);
        routes.MapGet(NodeRoutes.Provisional + "{digest}", ProvisionalAsync);
        routes.MapGet(NodeRoutes.Manifests + "{digest}", ManifestAsync);
        routes.MapGet(NodeRoutes.Tags, TagAsync);
    }

    private async Task HoldingAsync(HttpContext context)
    {
        if (await content.FindAsync(context.RouteName(), context.RequestAborted) is { } holding)
        {
            await context.AnswerAsync(HoldingDocument.Of(holding), NodeJson.Default.HoldingDocument);
            return;
        }

        context.End(StatusCodes.Status404NotFound);
    }

    private async Task SummaryAsync(HttpContext context)
    {
        if (!ulong.TryParse(context.Request.Query["epoch"], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            || !ulong.TryParse(context.Request.Query["number"], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw new BadHttpRequestException("epoch and number must be whole numbers.");
        }

        context.Response.ContentType = "application/octet-stream";
        await context.Response.Body.WriteAsync(holdings.Since(new HoldingsVersion(epoch, number)).Write(), context.RequestAborted);
    }

    private async Task ProvisionalAsync(HttpContext context)
    {
        if (await content.InviteAsync(context.RouteName(), context.RequestAborted) is { } offer)
        {
            await context.AnswerAsync(ProvisionalDocument.Of(offer), NodeJson.Default.ProvisionalDocument);
            return;
        }

        context.End(StatusCodes.Status404NotFound);
    }

    private async Task ManifestAsync(HttpContext context)
    {
        if (await content.GetManifestAsync(context.RouteName(), context.RequestAborted) is { } manifest)
        {
            if (manifest.IsVouched)
            {
                context.Response.Headers[NodeRoutes.PublicHeader] = "1";
            }

            context.Response.ContentType = manifest.MediaType;
            context.Response.ContentLength = manifest.Content.Length;
            await context.Response.Body.WriteAsync(manifest.Content, context.RequestAborted);
            return;
        }

        context.End(StatusCodes.Status404NotFound);
    }

    private async Task TagAsync(HttpContext context)
    {
        var repository = new RepositoryName(Query(context, "registry"), Query(context, "path"));
        if (await content.GetTagAsync(repository, Query(context, "tag"), context.RequestAborted) is { } tag)
        {
            await context.AnswerAsync(TagDocument.Of(tag), NodeJson.Default.TagDocument);
            return;
        }

        context.End(StatusCodes.Status404NotFound);
    }

    private static string Query(HttpContext context, string name) =>
        context.Request.Query[name].ToString() is { Length: > 0 and <= MaxNameLength } value
            ? value
            : throw new BadHttpRequestException($"'{name}' must have 1 to {MaxNameLength} characters.");
}

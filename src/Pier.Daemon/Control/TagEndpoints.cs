using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Pier.Api;
using Pier.Api.Tags;
using Pier.Content.References;
using Pier.Fetch.Manifests;
using TagRecord = Pier.Store.Tags.TagRecord;

namespace Pier.Daemon.Control;

/// <summary><c>/v1/tags</c>: what tags name, asked anew, pinned and let go.</summary>
internal static class TagEndpoints
{
    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(ApiPaths.Tags, static (TagDesk desk) =>
            TypedResults.Json(new TagList([.. desk.List().Select(tag => Summary(tag.Image, tag.Record))]), ApiJson.Default.TagList));
        endpoints.MapPost(ApiPaths.TagRefresh, static async (HttpContext context, TagDesk desk) =>
        {
            var image = Image(context);
            var (before, now) = await desk.RefreshAsync(image, context.RequestAborted);
            return Answer(Summary(image, now) with { Previous = before is { } known && known.Digest != now.Digest ? known.Digest.ToString() : null });
        });
        endpoints.MapPut(ApiPaths.TagPins, static async (HttpContext context, TagDesk desk) =>
            Answer(Summary(Image(context), await desk.PinAsync(Image(context), context.RequestAborted))));
        endpoints.MapDelete(ApiPaths.TagPins, static (HttpContext context, TagDesk desk) =>
            Answer(Summary(Image(context), desk.Unpin(Image(context)))));
    }

    private static JsonHttpResult<TagSummary> Answer(TagSummary summary) => TypedResults.Json(summary, ApiJson.Default.TagSummary);

    private static ImageReference Image(HttpContext context) => ContentNames.Image(context.Request.Query["name"]).WithDefaultTag();

    private static TagSummary Summary(ImageReference image, TagRecord record) =>
        new((image with { Digest = null }).Familiar, record.Digest.ToString(), record.MediaType, record.When, record.Pinned);
}

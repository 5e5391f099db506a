using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Pier.Api;
using Pier.Api.Images;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Daemon.Http;
using Pier.Daemon.Images;
using Pier.Registry.Local;
using Pier.Store.Layout;
using Pier.Store.Tags;

namespace Pier.Daemon.Control;

/// <summary><c>/v1/images</c>: list, remove, export, import.</summary>
internal static class ImageEndpoints
{
    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(ApiPaths.Images, ListAsync);
        endpoints.MapDelete(ApiPaths.Images, RemoveAsync);
        endpoints.MapGet(ApiPaths.Export, ExportAsync);
        endpoints.MapPost(ApiPaths.Import, ImportAsync);
    }

    private static async Task<JsonHttpResult<ImageList>> ListAsync(ImageCatalog images, CancellationToken cancellationToken)
    {
        var list = new List<ImageSummary>();
        foreach (var image in await images.ListAsync(cancellationToken))
        {
            list.Add(await images.DescribeAsync(image, cancellationToken));
        }
        return TypedResults.Json(new ImageList(list), ApiJson.Default.ImageList);
    }

    private static async Task<JsonHttpResult<RemoveAnswer>> RemoveAsync(string? name, Removal removal, CancellationToken cancellationToken) =>
        TypedResults.Json(
            ContentNames.Blob(name) is { } digest
                ? await removal.RemoveBlobAsync(digest, cancellationToken)
                : await removal.RemoveImageAsync(ContentNames.Image(name), cancellationToken),
            ApiJson.Default.RemoveAnswer);

    private static async Task ExportAsync(HttpContext context, string? image, ImageCatalog images, IContentStore store)
    {
        var found = await images.FindAsync(ContentNames.Image(image), context.RequestAborted);
        if (found.Contents.Missing > 0)
        {
            throw ControlException.Conflict(
                $"{found.Name} is not here whole: {found.Contents.Missing} blobs are missing.", $"Pull it first: pier pull {found.Name}.");
        }
        context.Response.ContentType = "application/x-tar";
        var layout = new LayoutImage(found.Record.Digest, found.Record.MediaType, found.Name);
        await new OciLayoutExporter(store).ToTarAsync([layout], context.Response.Body, context.RequestAborted);
    }

    private static async Task<JsonHttpResult<ImportAnswer>> ImportAsync(
        HttpContext context, string? name, ImageCatalog images, LocalImages local, IContentStore store, IAccessPolicy policy, TimeProvider clock, CancellationToken cancellationToken)
    {
        var named = name is null ? null : ContentNames.Image(name).WithDefaultTag();
        var imported = await new OciLayoutImporter(store, new LayoutLimits()).FromTarAsync(context.Request.Body, cancellationToken);
        if (named is not null && imported.Count != 1)
        {
            throw ControlException.BadRequest($"The layout has {imported.Count} images; --name is for a layout of one.");
        }
        var names = new List<string>();
        var walk = new ImageWalk(store);
        var (blobs, bytes) = (0, 0L);
        foreach (var image in imported)
        {
            var contents = await walk.FollowAsync(image.Digest, image.MediaType, cancellationToken);
            (blobs, bytes) = (blobs + contents.Held.Count, bytes + contents.Size);
            if ((named ?? Reference(image.Name)) is { Tag: { } tag } reference)
            {
                await local.AdoptAsync(reference.Repository, image.Digest, cancellationToken);
                if (!LocalNames.IsLocal(reference.Repository))
                {
                    await policy.NameAsync(reference.Repository, [.. contents.Held.Keys], cancellationToken);
                }
                images.Remember(reference.Repository, tag, new TagRecord(image.Digest, image.MediaType, clock.GetUtcNow()));
                names.Add($"{reference.Repository.Familiar}:{tag}");
            }
        }
        return TypedResults.Json(
            new ImportAnswer(names, [.. imported.Select(image => image.Digest.ToString())], blobs, bytes), ApiJson.Default.ImportAnswer);
    }

    /// <summary>A layout may name its image by a bare tag, which says nothing of the repository: such a name counts as none.</summary>
    private static ImageReference? Reference(string? name) =>
        name is not null && (name.Contains(':', StringComparison.Ordinal) || name.Contains('/', StringComparison.Ordinal))
        && ImageReference.TryParse(name, out var reference)
            ? reference.WithDefaultTag()
            : null;
}

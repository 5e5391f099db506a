using Microsoft.AspNetCore.Http;
using Pier.Content.References;
using Pier.Distribution.Wire;
using Pier.Registry.Errors;
using Pier.Registry.Routing;

namespace Pier.Registry.Endpoints;

/// <summary>Leads each request below <c>/v2</c> to the endpoint that answers it (design §3.1).</summary>
internal sealed class RegistryEndpoints(
    MirrorOptions options, BlobEndpoint blobs, ManifestEndpoint manifests, TagsEndpoint tags, PushEndpoint push)
{
    private static ReadOnlyMemory<byte> EmptyDocument { get; } = "{}"u8.ToArray();

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.Headers["Docker-Distribution-Api-Version"] = "registry/2.0";
        RefuseCircles(context.Request);
        if (!RegistryPath.TryParse(context.Request.Path.Value ?? "", out var path))
        {
            throw new RegistryRefusal(404, ErrorCodes.Unsupported, $"{context.Request.Path} is no path of the distribution protocol.");
        }

        var isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (path.Kind == RegistryPathKind.Base)
        {
            return isRead ? AnswerBaseAsync(context) : throw NotAllowed(context);
        }

        if (!isRead || path.Kind == RegistryPathKind.Upload)
        {
            return push.RefuseAsync(context, path);
        }

        // Step 1: which repository is meant.
        var repository = RepositoryChoice.Choose(path.Name, context.Request.Query["ns"], options);
        return path.Kind switch
        {
            RegistryPathKind.Blob => blobs.AnswerAsync(context, repository, path.Reference),
            RegistryPathKind.Manifest => manifests.AnswerAsync(context, repository, path.Reference),
            RegistryPathKind.Tags => tags.AnswerAsync(context, repository, path.Name),
            _ => throw NoReferrers(repository),
        };
    }

    private void RefuseCircles(HttpRequest request)
    {
        if (options.Pseudonym is { } pseudonym && request.Headers.Via.Any(via => via is not null && via.Contains(pseudonym, StringComparison.Ordinal)))
        {
            throw new RegistryRefusal(508, ErrorCodes.NameUnknown,
                "This request came from this very node. A registry's endpoint in the configuration, or its name, leads back here.");
        }
    }

    private static Task AnswerBaseAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = EmptyDocument.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(EmptyDocument, context.RequestAborted).AsTask();
    }

    private static RegistryRefusal NotAllowed(HttpContext context)
    {
        context.Response.Headers.Allow = "GET, HEAD";
        return new RegistryRefusal(405, ErrorCodes.Unsupported, "Only GET and HEAD are answered here.");
    }

    /// <summary>404 sends clients to the referrers tag (OCI distribution-spec, "Unavailable Referrers API").</summary>
    private static RegistryRefusal NoReferrers(RepositoryName repository) =>
        new(404, ErrorCodes.Unsupported, $"Referrers of {repository} are not mirrored.");
}

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Pier.Content.References;
using Pier.Distribution.Wire;
using Pier.Registry.Access;
using Pier.Registry.Errors;
using Pier.Registry.Local;
using Pier.Registry.Routing;

namespace Pier.Registry.Endpoints;

/// <summary>Leads each request below <c>/v2</c> to the endpoint that answers it (design §3.1).</summary>
internal sealed class RegistryEndpoints(
    MirrorOptions options, BlobEndpoint blobs, ManifestEndpoint manifests, TagsEndpoint tags, MirroredReferrersEndpoint referrers, LocalEndpoints local, CatalogEndpoint catalog, AccessGate gate, OwnLogins logins)
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
        if (path.Kind is RegistryPathKind.Base or RegistryPathKind.Catalog)
        {
            gate.CheckKnown(context);
            logins.Ask(context);
            return !isRead ? throw LocalEndpoints.NotAllowed(context, "GET, HEAD")
                : path.Kind == RegistryPathKind.Base ? AnswerBaseAsync(context)
                : catalog.AnswerAsync(context);
        }

        // Step 1: which repository is meant.
        var repository = RepositoryChoice.Choose(path.Name, context.Request.Query["ns"]);
        if (LocalNames.IsLocal(repository))
        {
            return local.InvokeAsync(context, repository, path);
        }

        if (!isRead || path.Kind == RegistryPathKind.Upload)
        {
            throw NotOurs(repository);
        }

        gate.Check(context, repository, path.Name, RegistryActions.Pull);
        return logins.AnswerAsync(context, repository, path.Name, () => path.Kind switch
        {
            RegistryPathKind.Blob => blobs.AnswerAsync(context, repository, path.Reference),
            RegistryPathKind.Manifest => manifests.AnswerAsync(context, repository, path.Reference),
            RegistryPathKind.Tags => tags.AnswerAsync(context, repository, path.Name),
            _ => referrers.AnswerAsync(context, repository, path.Reference),
        });
    }

    private void RefuseCircles(HttpRequest request)
    {
        if (request.Headers.Via is { Count: > 0 } lines && IsOurs(lines))
        {
            throw new RegistryRefusal(508, ErrorCodes.NameUnknown,
                "This request came from this very node. A registry's endpoint in the configuration, or its name, leads back here.");
        }
    }

    private bool IsOurs(StringValues via) =>
        options.Pseudonym is { } pseudonym && via.Any(line => line is not null && line.Contains(pseudonym, StringComparison.Ordinal));

    private static Task AnswerBaseAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = EmptyDocument.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(EmptyDocument, context.RequestAborted).AsTask();
    }

    /// <summary>Nothing pushed can ever shadow an upstream's name.</summary>
    private static RegistryRefusal NotOurs(RepositoryName repository) => new(403, ErrorCodes.Denied,
        $"This is a mirror of {repository.Registry} and takes no pushes for it. Push to the registry itself: docker push {repository.Familiar}; or to a repository of this node: {LocalNames.PushPrefix}{LastSegment(repository)}");

    private static string LastSegment(RepositoryName repository) => repository.Path[(repository.Path.LastIndexOf('/') + 1)..];
}

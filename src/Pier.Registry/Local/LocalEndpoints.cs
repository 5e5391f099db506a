using Microsoft.AspNetCore.Http;
using Pier.Content.References;
using Pier.Distribution.Wire;
using Pier.Registry.Access;
using Pier.Registry.Errors;
using Pier.Registry.Routing;

namespace Pier.Registry.Local;

/// <summary>Leads each request for one of the node's own repositories to what answers it; nothing here ever asks anybody else.</summary>
internal sealed class LocalEndpoints(
    MirrorOptions options,
    AccessGate gate,
    LocalBlobEndpoint blobs,
    UploadEndpoint uploads,
    LocalManifestEndpoint manifests,
    ManifestPush manifestPush,
    LocalTagsEndpoint tags,
    ReferrersEndpoint referrers)
{
    public Task InvokeAsync(HttpContext context, RepositoryName repository, RegistryPath path)
    {
        var address = new LocalAddress(repository, path, context.Request.Query["ns"].ToString());
        var method = context.Request.Method;
        gate.Check(context, repository, path.Name, ActionOf(path.Kind, method));
        if (!IsRead(method) || path.Kind == RegistryPathKind.Upload)
        {
            CheckPush(context, repository);
        }

        return (path.Kind, method) switch
        {
            (RegistryPathKind.Blob, "GET" or "HEAD") => blobs.AnswerAsync(context, address),
            (RegistryPathKind.Blob, "DELETE") => blobs.DeleteAsync(context, address),
            (RegistryPathKind.Upload, _) => uploads.InvokeAsync(context, address),
            (RegistryPathKind.Manifest, "GET" or "HEAD") => manifests.AnswerAsync(context, address),
            (RegistryPathKind.Manifest, "PUT") => manifestPush.AnswerAsync(context, address),
            (RegistryPathKind.Manifest, "DELETE") => manifests.DeleteAsync(context, address),
            (RegistryPathKind.Tags, "GET" or "HEAD") => tags.AnswerAsync(context, address),
            (RegistryPathKind.Referrers, "GET" or "HEAD") => referrers.AnswerAsync(context, address),
            (RegistryPathKind.Blob, _) => throw NotAllowed(context, "GET, HEAD, DELETE"),
            (RegistryPathKind.Manifest, _) => throw NotAllowed(context, "GET, HEAD, PUT, DELETE"),
            _ => throw NotAllowed(context, "GET, HEAD"),
        };
    }

    /// <summary>The refusal of a method that a path does not have.</summary>
    public static RegistryRefusal NotAllowed(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return new RegistryRefusal(405, ErrorCodes.Unsupported, $"{context.Request.Method} is not answered here; {allowed} are.");
    }

    private void CheckPush(HttpContext context, RepositoryName repository)
    {
        if (!LocalNames.TakesPushes(repository))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            throw new RegistryRefusal(405, ErrorCodes.Unsupported,
                $"{repository.Path} is for what Pier ships. Push to {LocalNames.PushPrefix}NAME.");
        }

        if (!options.Push.Enabled)
        {
            context.Response.Headers.Allow = "GET, HEAD";
            throw new RegistryRefusal(405, ErrorCodes.Unsupported,
                "This node takes no pushes and deletes nothing for clients. Start it with --push, or set \"push\": true in its configuration file; or bring the image in as an OCI layout: pier import FILE");
        }

        // A web page can make a browser send simple requests to loopback, and registry clients are no browsers.
        if (context.Request.Headers.Origin.Count > 0)
        {
            throw new RegistryRefusal(403, ErrorCodes.Denied, "Web pages may not push.");
        }
    }

    private static RegistryActions ActionOf(RegistryPathKind kind, string method) =>
        kind == RegistryPathKind.Upload ? RegistryActions.Push
        : IsRead(method) ? RegistryActions.Pull
        : HttpMethods.IsDelete(method) ? RegistryActions.Delete
        : RegistryActions.Push;

    private static bool IsRead(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
}

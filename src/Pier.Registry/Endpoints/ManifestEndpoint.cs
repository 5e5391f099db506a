using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution.Credentials;
using Pier.Distribution.Wire;
using Pier.Registry.Access;
using Pier.Registry.Errors;
using Pier.Registry.Routing;

namespace Pier.Registry.Endpoints;

/// <summary>HEAD and GET of manifests by tag or digest (OCI distribution-spec, "Pulling manifests"; design §3.2).</summary>
internal sealed class ManifestEndpoint(IManifestFetcher fetcher, IAccessPolicy policy, AccessGate gate, IPrefetch prefetch)
{
    public async Task AnswerAsync(HttpContext context, RepositoryName repository, string reference)
    {
        var cancellationToken = context.RequestAborted;
        var document = await FindAsync(repository, reference, cancellationToken);
        if (!await policy.MayServeAsync(document.Digest, repository, gate.DoorOf(context), cancellationToken))
        {
            throw new RegistryRefusal(403, ErrorCodes.Denied, $"{repository} is private, and this node does not serve private images to its clients.");
        }

        // As registries do: who does not take the type may find a converted image at the upstream itself.
        if (!AcceptHeader.Takes(context.Request.Headers.Accept, document.MediaType))
        {
            throw new RegistryRefusal(404, ErrorCodes.ManifestUnknown, $"{reference} is a {document.MediaType}, which the request's Accept does not name.");
        }

        // What is fetched ahead is fetched with this node's own login.
        if (CallerLogin.For(repository) is null)
        {
            prefetch.Saw(repository, document);
        }

        var response = context.Response;
        if (document.Warning is { } warning)
        {
            response.Headers.Warning = WarningHeader.Format(warning);
        }

        if (EntityHeaders.Set(context, document.Digest))
        {
            return;
        }

        response.ContentType = document.MediaType;
        response.ContentLength = document.Content.Length;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await response.Body.WriteAsync(document.Content, cancellationToken);
        }
    }

    private ValueTask<ManifestDocument> FindAsync(RepositoryName repository, string reference, CancellationToken cancellationToken)
    {
        if (reference.Contains(':', StringComparison.Ordinal))
        {
            return Digest.TryParse(reference, out var digest)
                ? fetcher.ByDigestAsync(repository, digest, cancellationToken)
                : throw new RegistryRefusal(400, ErrorCodes.DigestInvalid, $"'{reference}' is no digest.");
        }

        return ReferenceGrammar.IsTag(reference)
            ? fetcher.ByTagAsync(repository, reference, cancellationToken)
            : throw new RegistryRefusal(400, ErrorCodes.ManifestInvalid, $"'{reference}' is neither a tag nor a digest.");
    }
}

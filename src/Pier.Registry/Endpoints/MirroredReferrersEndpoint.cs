using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Distribution.Wire;
using Pier.Registry.Access;
using Pier.Registry.Errors;

namespace Pier.Registry.Endpoints;

/// <summary>What refers to a manifest of a mirrored repository, passed through page by page (OCI distribution-spec, "Listing Referrers").</summary>
internal sealed class MirroredReferrersEndpoint(IManifestFetcher fetcher, IAccessPolicy policy, AccessGate gate)
{
    private const string Namespace = "ns";
    private static readonly string[] Known = ["artifactType", "n", "last"];

    public async Task AnswerAsync(HttpContext context, RepositoryName repository, string reference)
    {
        if (!Digest.TryParse(reference, out var subject))
        {
            throw new RegistryRefusal(400, ErrorCodes.DigestInvalid, $"'{reference}' is no digest.");
        }

        var (request, response) = (context.Request, context.Response);
        if (!await policy.MayListAsync(repository, reference, gate.DoorOf(context), context.RequestAborted))
        {
            throw new RegistryRefusal(403, ErrorCodes.Denied, $"{repository} is private, and this node does not tell its clients of private images.");
        }

        // Only what the specification and pages know: each question is remembered on disk.
        var asked = QueryString.Create(request.Query.Where(pair => Array.IndexOf(Known, pair.Key) >= 0)).Value ?? "";
        var page = await fetcher.ListReferrersAsync(repository, subject, asked.TrimStart('?'), context.RequestAborted);
        if (page.Warning is { } warning)
        {
            response.Headers.Warning = WarningHeader.Format(warning);
        }

        if (page.IsFiltered)
        {
            response.Headers["OCI-Filters-Applied"] = "artifactType";
        }

        if (page.Next is { } next)
        {
            // A relative address: the client knows best how it reached this node.
            var query = request.Query[Namespace].ToString() is { Length: > 0 } ns ? new QueryString($"?{next}").Add(Namespace, ns) : new QueryString($"?{next}");
            response.Headers.Link = $"<{request.Path.ToUriComponent()}{query.ToUriComponent()}>; rel=\"next\"";
        }

        response.ContentType = MediaTypes.OciIndex;
        response.ContentLength = page.Index.Length;
        if (HttpMethods.IsGet(request.Method))
        {
            await response.Body.WriteAsync(page.Index, context.RequestAborted);
        }
    }
}

using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Distribution.Wire;
using Pier.Registry.Bodies;
using Pier.Registry.Endpoints;
using Pier.Registry.Errors;
using Pier.Registry.Routing;
using Pier.Store.Repositories;
using Pier.Store.Tags;

namespace Pier.Registry.Local;

/// <summary>HEAD, GET and DELETE of a repository's own manifests and tags (OCI distribution-spec, "Pulling manifests", "Content Management").</summary>
internal sealed class LocalManifestEndpoint(LocalRepositories repositories, LocalContent content, TagStore tags, IContentStore store)
{
    public async Task AnswerAsync(HttpContext context, LocalAddress address)
    {
        var (repository, reference) = (address.Repository, address.Path.Reference);
        var digest = Resolve(repository, reference) ?? throw Unknown(repository, reference);
        var manifest = repositories.FindManifest(repository, digest) ?? throw Unknown(repository, reference);
        await using var reader = await store.OpenAsync(digest, context.RequestAborted) ?? throw Unknown(repository, reference);

        // Of a type that nobody converts, the client gets what there is.
        if (MediaTypes.IsManifest(manifest.MediaType) && !AcceptHeader.Takes(context.Request.Headers.Accept, manifest.MediaType))
        {
            throw new RegistryRefusal(404, ErrorCodes.ManifestUnknown, $"{reference} is a {manifest.MediaType}, which the request's Accept does not name.");
        }

        if (EntityHeaders.Set(context, digest))
        {
            return;
        }

        context.Response.ContentType = manifest.MediaType;
        context.Response.ContentLength = reader.Length;
        if (HttpMethods.IsGet(context.Request.Method) && reader.Length > 0)
        {
            await BlobBody.SendAsync(context.Response, reader, new ByteRange(0, reader.Length), context.RequestAborted);
        }
    }

    public async Task DeleteAsync(HttpContext context, LocalAddress address)
    {
        var (repository, reference) = (address.Repository, address.Path.Reference);
        var removed = reference.Contains(':', StringComparison.Ordinal)
            ? await DeleteManifestAsync(repository, LocalAddress.ParseDigest(reference), context.RequestAborted)
            : DeleteTag(repository, reference);
        if (!removed)
        {
            throw Unknown(repository, reference);
        }

        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.ContentLength = 0;
    }

    /// <summary>First the manifest, then its tags: from the first step on no tag leads to it, whatever happens in between.</summary>
    private async ValueTask<bool> DeleteManifestAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken)
    {
        if (!await content.RemoveManifestAsync(repository, digest, cancellationToken))
        {
            return false;
        }

        foreach (var (tag, _) in tags.Tags(repository).Where(tag => tag.Record.Digest == digest).ToArray())
        {
            tags.Remove(repository, tag);
        }

        return true;
    }

    private bool DeleteTag(RepositoryName repository, string tag)
    {
        var known = Resolve(repository, tag) is { } digest && repositories.FindManifest(repository, digest) is not null;
        return tags.Remove(repository, tag) && known;
    }

    private Digest? Resolve(RepositoryName repository, string reference)
    {
        if (reference.Contains(':', StringComparison.Ordinal))
        {
            return LocalAddress.ParseDigest(reference);
        }

        return ReferenceGrammar.IsTag(reference)
            ? tags.Find(repository, reference)?.Digest
            : throw new RegistryRefusal(400, ErrorCodes.ManifestInvalid, $"'{reference}' is neither a tag nor a digest.");
    }

    private RegistryRefusal Unknown(RepositoryName repository, string reference) => repositories.Contains(repository)
        ? new(404, ErrorCodes.ManifestUnknown, $"{repository.Path} has no manifest {reference}.")
        : new(404, ErrorCodes.NameUnknown, $"There is no repository {repository.Path} on this node.");
}

using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Store.Repositories;

namespace Pier.Registry.Local;

/// <summary>The manifests that refer to another one (OCI distribution-spec, "Listing Referrers").</summary>
internal sealed class ReferrersEndpoint(LocalRepositories repositories, IContentStore store)
{
    /// <summary>An answer is itself a manifest, which clients read up to 4 MiB.</summary>
    private const int PageSize = 3 << 20;

    public async Task AnswerAsync(HttpContext context, LocalAddress address)
    {
        var subject = LocalAddress.ParseDigest(address.Path.Reference);
        var wanted = context.Request.Query["artifactType"].ToString();
        var last = context.Request.Query["last"].ToString();
        var page = new ArrayBufferWriter<byte>();
        await using (var json = new Utf8JsonWriter(page))
        {
            json.WriteStartObject();
            json.WriteNumber("schemaVersion", 2);
            json.WriteString("mediaType", MediaTypes.OciIndex);
            json.WriteStartArray("manifests");
            var next = await WriteAsync(json, address.Repository, subject, wanted, last, context.RequestAborted);
            json.WriteEndArray();
            json.WriteEndObject();
            if (next is not null)
            {
                context.Response.Headers.Link = $"<{Next(context.Request, next)}>; rel=\"next\"";
            }
        }

        if (wanted.Length > 0)
        {
            context.Response.Headers["OCI-Filters-Applied"] = "artifactType";
        }

        context.Response.ContentType = MediaTypes.OciIndex;
        context.Response.ContentLength = page.WrittenCount;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(page.WrittenMemory, context.RequestAborted);
        }
    }

    /// <summary>Writes descriptors until the page is full; returns the last one's digest when more follow.</summary>
    private async ValueTask<string?> WriteAsync(
        Utf8JsonWriter json, RepositoryName repository, Digest subject, string wanted, string last, CancellationToken cancellationToken)
    {
        var written = "";
        var referrers = repositories.Manifests(repository).Where(manifest => manifest.Value.Subject == subject)
            .Select(manifest => (Name: manifest.Key.ToString(), Digest: manifest.Key, manifest.Value.MediaType))
            .Where(manifest => string.CompareOrdinal(manifest.Name, last) > 0)
            .OrderBy(manifest => manifest.Name, StringComparer.Ordinal);
        foreach (var (name, digest, mediaType) in referrers)
        {
            if (await ReferrerDescriptor.ReadAsync(store, digest, mediaType, cancellationToken) is not { } referrer
                || (wanted.Length > 0 && referrer.ArtifactType != wanted))
            {
                continue;
            }

            if (written.Length > 0 && json.BytesCommitted + json.BytesPending + referrer.Weight > PageSize)
            {
                return written;
            }

            referrer.Write(json);
            written = name;
        }

        return null;
    }

    private static string Next(HttpRequest request, string last)
    {
        var query = QueryString.Create("last", last);
        foreach (var key in (ReadOnlySpan<string>)["artifactType", "ns"])
        {
            query = request.Query[key].ToString() is { Length: > 0 } value ? query.Add(key, value) : query;
        }

        return request.Path.ToUriComponent() + query.ToUriComponent();
    }
}

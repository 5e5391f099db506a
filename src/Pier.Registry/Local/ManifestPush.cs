using System.Buffers;
using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Distribution.Wire;
using Pier.Registry.Errors;
using Pier.Store.Repositories;
using Pier.Store.Tags;

namespace Pier.Registry.Local;

/// <summary>Takes manifests by tag or digest, byte for byte (OCI distribution-spec, "Pushing Manifests").</summary>
internal sealed class ManifestPush(
    MirrorOptions options, LocalRepositories repositories, LocalContent content, TagStore tags, IContentStore store, TimeProvider clock)
{
    /// <summary>The specification asks for ten at least.</summary>
    private const int MostTags = 100;

    public async Task AnswerAsync(HttpContext context, LocalAddress address)
    {
        var (named, names) = Target(context, address.Path.Reference);
        var bytes = await ReadAsync(context);
        var digest = Digest.Compute(bytes, named?.Algorithm ?? DigestAlgorithm.Sha256);
        if (named is not null && digest != named)
        {
            throw new RegistryRefusal(400, ErrorCodes.DigestInvalid, $"The manifest that was pushed as {named} is {digest}.");
        }

        var manifest = PushedManifest.Read(context.Request.ContentType, bytes);
        await CheckBlobsAsync(address.Repository, manifest, context.RequestAborted);
        await content.KeepManifestAsync(
            address.Repository, digest, new LocalManifest(manifest.MediaType, manifest.Subject), bytes, context.RequestAborted);
        var record = new TagRecord(digest, manifest.MediaType, clock.GetUtcNow());
        foreach (var tag in names)
        {
            tags.Put(address.Repository, tag, record);
        }

        Answer(context, address, digest, manifest, named is null ? [] : names);
    }

    /// <summary>What to push under: a digest with tags beside it in the query, or one tag.</summary>
    private static (Digest? Digest, IReadOnlyList<string> Tags) Target(HttpContext context, string reference)
    {
        if (!reference.Contains(':', StringComparison.Ordinal))
        {
            return (null, [CheckedTag(reference)]);
        }

        var digest = LocalAddress.ParseDigest(reference);
        var tags = context.Request.Query["tag"];
        return tags.Count <= MostTags
            ? (digest, [.. tags.Select(tag => CheckedTag(tag ?? "")).Distinct(StringComparer.Ordinal)])
            : throw new RegistryRefusal(414, ErrorCodes.Unsupported, $"The request has {tags.Count} tags; at most {MostTags} are taken.");
    }

    private static string CheckedTag(string text) => ReferenceGrammar.IsTag(text)
        ? text
        : throw new RegistryRefusal(400, ErrorCodes.ManifestInvalid,
            $"'{text}' is neither a digest nor a tag: a tag has 1 to {ReferenceGrammar.MaxTagLength} letters, digits, '_', '.' and '-', and begins with none of the last two.");

    private static async ValueTask<byte[]> ReadAsync(HttpContext context)
    {
        Check(context.Request.ContentLength ?? 0);
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            if (read.IsCompleted || read.Buffer.Length > ManifestParser.MaxSize)
            {
                Check(read.Buffer.Length);
                var bytes = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return bytes;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static void Check(long size)
    {
        if (size > ManifestParser.MaxSize)
        {
            throw new RegistryRefusal(413, ErrorCodes.ManifestInvalid, $"A manifest has at most {ManifestParser.MaxSize} bytes; this one has more.");
        }
    }

    /// <summary>A manifest whose image cannot be pulled would be found out only by who pulls it.</summary>
    private async ValueTask CheckBlobsAsync(RepositoryName repository, PushedManifest manifest, CancellationToken cancellationToken)
    {
        foreach (var blob in options.Push.Sparse ? [] : manifest.Blobs)
        {
            if (!repositories.HasBlob(repository, blob) || await store.StatAsync(blob, cancellationToken) is null)
            {
                throw new RegistryRefusal(400, ErrorCodes.ManifestBlobUnknown, $"The manifest names the blob {blob}, which {repository.Path} does not have. Push it first.");
            }
        }
    }

    private static void Answer(HttpContext context, LocalAddress address, Digest digest, PushedManifest manifest, IReadOnlyList<string> tags)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status201Created;
        response.Headers.Location = address.Of("manifests", digest.ToString());
        response.Headers["Docker-Content-Digest"] = digest.ToString();
        if (manifest.Subject is { } subject)
        {
            response.Headers["OCI-Subject"] = subject.ToString();
        }

        if (tags.Count > 0)
        {
            response.Headers["OCI-Tag"] = string.Join(", ", tags);
        }

        response.ContentLength = 0;
    }
}

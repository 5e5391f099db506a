using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;

namespace Pier.Distribution.Transport;

/// <summary>Reads answers about manifests.</summary>
internal static class ManifestAnswer
{
    private const string DigestHeader = "Docker-Content-Digest";

    /// <summary>The head as its headers tell it, or null when they do not and the manifest must be fetched.</summary>
    public static ManifestHead? Head(EndpointAnswer answer, string target)
    {
        using var response = answer.Response;
        var told = AnnouncedDigest(answer);
        var digest = Digest.TryParse(target, out var asked) ? asked : told;
        var type = ContentType(answer);
        var contradicts = told is not null && told != digest && told.Value.Algorithm == digest?.Algorithm;
        return response.IsSuccessStatusCode && digest is { } known && !contradicts
            && MediaTypes.IsManifest(type) && response.Content.Headers.ContentLength is { } size
            ? new ManifestHead(known, type!, size, answer.WasAnonymous)
            : null;
    }

    /// <summary>Reads, proves and parses a manifest; disposes the answer.</summary>
    public static async Task<UpstreamManifest> ReadAsync(Requester requester, EndpointAnswer answer, string target, CancellationToken cancellationToken)
    {
        AnswerChecks.RefuseHtml(answer);
        var type = ContentType(answer);
        var expected = Digest.TryParse(target, out var asked) ? asked : AnnouncedDigest(answer);
        var content = await requester.ReadBodyAsync(answer.Response, answer.What, ManifestParser.MaxSize, cancellationToken)
            ?? throw new ContentFormatException($"{answer.What}: the manifest is larger than {ManifestParser.MaxSize >> 20} MiB, the most that is taken.");

        var actual = Digest.Compute(content, expected?.Algorithm ?? DigestAlgorithm.Sha256);
        if (expected is { } named && named != actual)
        {
            throw new ContentMismatchException($"{answer.What}: the upstream sent {actual} ({content.Length} bytes) as {named}.");
        }

        return new UpstreamManifest(new ManifestDocument(actual, Parse(answer, type, content).MediaType, content), answer.WasAnonymous);
    }

    private static Manifest Parse(EndpointAnswer answer, string? type, byte[] content)
    {
        try
        {
            return ManifestParser.Parse(type, content);
        }
        catch (ContentFormatException fault)
        {
            throw new ContentFormatException($"{answer.What}: {fault.Message}", fault);
        }
    }

    private static Digest? AnnouncedDigest(EndpointAnswer answer) =>
        answer.Response.Headers.TryGetValues(DigestHeader, out var values) && Digest.TryParse(values.First().Trim(), out var digest)
            ? digest
            : null;

    private static string? ContentType(EndpointAnswer answer) =>
        answer.Response.Content.Headers.ContentType?.MediaType is { } type ? MediaTypes.WithoutParameters(type) : null;
}

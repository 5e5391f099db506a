using System.Text.Json;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Distribution.Wire;
using Pier.Registry.Errors;

namespace Pier.Registry.Local;

/// <summary>What matters of a manifest that is pushed: its type, what it refers to, what it needs.</summary>
/// <param name="MediaType">The type to serve it under.</param>
/// <param name="Subject">The manifest that it refers to, or null.</param>
/// <param name="Blobs">Blobs that must be there; layers that live elsewhere are left out.</param>
internal sealed record PushedManifest(string MediaType, Digest? Subject, IReadOnlyList<Digest> Blobs)
{
    private const int MaxTypeLength = 255;

    /// <summary>
    /// Reads a manifest. Types that are not known are kept as they are: they must only be JSON objects that do not claim to be
    /// something else.
    /// </summary>
    /// <exception cref="RegistryRefusal">It is no manifest; says what is wrong and where.</exception>
    public static PushedManifest Read(string? contentType, ReadOnlyMemory<byte> content)
    {
        var announced = string.IsNullOrWhiteSpace(contentType) ? null : MediaTypes.WithoutParameters(contentType);
        if (announced is not null && !IsMediaType(announced))
        {
            throw Invalid($"Content-Type '{announced}' is no media type.");
        }

        try
        {
            return announced is null or "application/json" or "application/octet-stream" or "text/plain" || IsKnown(announced)
                ? Of(ManifestParser.Parse(announced, content))
                : ReadUnknown(announced, content);
        }
        catch (Exception e) when (e is ContentFormatException or JsonException)
        {
            throw Invalid(e.Message);
        }
    }

    private static bool IsKnown(string type) =>
        MediaTypes.IsManifest(type) || type is MediaTypes.DockerSchema1 or MediaTypes.DockerSchema1Signed;

    private static PushedManifest Of(Manifest manifest) => new(
        manifest.MediaType,
        manifest.Subject?.Digest,
        manifest is ImageManifest
            ? [.. manifest.References.Where(blob => !MediaTypes.IsForeignLayer(blob.MediaType) && blob.Urls.Count == 0).Select(blob => blob.Digest)]
            : []);

    private static PushedManifest ReadUnknown(string type, ReadOnlyMemory<byte> content)
    {
        using var document = JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = ManifestParser.MaxDepth });
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw Invalid("A manifest is a JSON object.");
        }

        if (document.RootElement.TryGetProperty("mediaType", out var own) && own.ValueKind == JsonValueKind.String
            && !string.Equals(own.GetString(), type, StringComparison.OrdinalIgnoreCase))
        {
            throw Invalid($"$.mediaType: the document says '{own.GetString()}', Content-Type '{type}'.");
        }

        return new PushedManifest(type, SubjectOf(document.RootElement), []);
    }

    private static Digest? SubjectOf(JsonElement root)
    {
        if (!root.TryGetProperty("subject", out var subject) || subject.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return subject.ValueKind == JsonValueKind.Object && subject.TryGetProperty("digest", out var text)
            && text.ValueKind == JsonValueKind.String && Digest.TryParse(text.GetString(), out var digest)
                ? digest
                : throw Invalid("$.subject: expected a descriptor with a digest.");
    }

    /// <summary>RFC 6838 §4.2, without parameters: what may stand in a header again.</summary>
    private static bool IsMediaType(string text) =>
        text.Length <= MaxTypeLength && text.Split('/') is [{ Length: > 0 } type, { Length: > 0 } subtype] && IsRestricted(type) && IsRestricted(subtype);

    private static bool IsRestricted(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c is '!' or '#' or '$' or '&' or '-' or '^' or '_' or '.' or '+');

    private static RegistryRefusal Invalid(string message) => new(400, ErrorCodes.ManifestInvalid, message);
}

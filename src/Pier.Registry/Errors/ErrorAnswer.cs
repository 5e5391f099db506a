using Microsoft.AspNetCore.Http;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution.Wire;
using Pier.Registry.Routing;

namespace Pier.Registry.Errors;

/// <summary>What a failure looks like to a registry client: the one place where content errors become HTTP.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">Error code of the OCI distribution-spec, or distribution's own where that has none.</param>
/// <param name="Message">For people.</param>
internal readonly record struct ErrorAnswer(int Status, string Code, string Message)
{
    // Not in the OCI list, used by the distribution registry for the same cases.
    private const string Unavailable = "UNAVAILABLE";
    private const string Unknown = "UNKNOWN";

    /// <summary>The answer for a failure of a request for <paramref name="kind"/>; null when no request should have caused it.</summary>
    public static ErrorAnswer? For(Exception failure, RegistryPathKind kind) => failure switch
    {
        RegistryRefusal refused => new ErrorAnswer(refused.Status, refused.Code, refused.Message),
        BadHttpRequestException broken => new ErrorAnswer(broken.StatusCode == 408 ? 400 : broken.StatusCode, ErrorCodes.SizeInvalid, broken.Message),
        ReferenceFormatException => new ErrorAnswer(400, ErrorCodes.NameInvalid, failure.Message),
        ContentNotFoundException => new ErrorAnswer(404, NotFoundCode(kind), failure.Message),
        ContentDeniedException => new ErrorAnswer(403, ErrorCodes.Denied, failure.Message),
        ContentMismatchException => new ErrorAnswer(502, ErrorCodes.DigestInvalid, failure.Message),
        ContentFormatException => new ErrorAnswer(502, ErrorCodes.ManifestInvalid, failure.Message),
        ContentUnavailableException => new ErrorAnswer(503, Unavailable, failure.Message),
        ContentException => new ErrorAnswer(500, Unknown, failure.Message),
        _ => null,
    };

    /// <summary>The answer for a fault of the daemon itself.</summary>
    public static ErrorAnswer Fault { get; } = new(500, Unknown, "The daemon failed; its log has the details (journalctl -u pierd).");

    private static string NotFoundCode(RegistryPathKind kind) => kind switch
    {
        RegistryPathKind.Blob => ErrorCodes.BlobUnknown,
        RegistryPathKind.Manifest => ErrorCodes.ManifestUnknown,
        _ => ErrorCodes.NameUnknown,
    };
}

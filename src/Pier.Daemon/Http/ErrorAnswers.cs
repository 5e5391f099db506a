using Microsoft.AspNetCore.Http;
using Pier.Api;
using Pier.Api.Errors;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Torrents;
using Pier.Content.Contracts;

namespace Pier.Daemon.Http;

/// <summary>The one place where the control API's errors become HTTP.</summary>
internal static class ErrorAnswers
{
    /// <summary>Writes an error document.</summary>
    public static Task WriteErrorAsync(this HttpContext context, int status, ApiError error)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(error, ApiJson.Default.ApiError, contentType: null, context.RequestAborted);
    }

    /// <summary>The status and the document for a failure; null when it is none that a request can cause.</summary>
    public static (int Status, ApiError Error)? For(Exception failure) => failure switch
    {
        ControlException refused => (refused.Status, refused.Error),
        BadHttpRequestException bad => (bad.StatusCode, new ApiError(ApiErrorCodes.BadRequest, bad.Message)),
        FormatException malformed => (400, new ApiError(ApiErrorCodes.BadRequest, malformed.Message)),
        ContentNotFoundException => (404, new ApiError(ApiErrorCodes.NotFound, failure.Message)),
        ContentDeniedException => (403, new ApiError(ApiErrorCodes.Denied, failure.Message,
            "Log in on this host (docker login), so that the daemon finds the credentials in Docker's config.json.")),
        ContentInUseException => (409, new ApiError(ApiErrorCodes.Conflict, failure.Message)),
        ContentMismatchException => (502, new ApiError(ApiErrorCodes.Mismatch, failure.Message)),
        ContentFormatException or TorrentCreationException or MetainfoException => (422, new ApiError(ApiErrorCodes.BadRequest, failure.Message)),
        ContentUnavailableException => (503, new ApiError(ApiErrorCodes.Unavailable, failure.Message)),
        ContentStorageException => (507, new ApiError(ApiErrorCodes.Storage, failure.Message, "Make room on that file system, or set --quota.")),
        _ => null,
    };
}

using Pier.Api.Errors;

namespace Pier.Daemon.Http;

/// <summary>A control request that is refused for a reason of its own.</summary>
internal sealed class ControlException(int status, ApiError error, Exception? cause = null) : Exception(error.Message, cause)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>What the client is told.</summary>
    public ApiError Error { get; } = error;

    /// <summary>400: the request itself is wrong.</summary>
    public static ControlException BadRequest(string message, string? hint = null) => new(400, new ApiError(ApiErrorCodes.BadRequest, message, hint));

    /// <summary>404: what it names is not here.</summary>
    public static ControlException NotFound(string message, string? hint = null) => new(404, new ApiError(ApiErrorCodes.NotFound, message, hint));

    /// <summary>409: the state of things forbids it.</summary>
    public static ControlException Conflict(string message, string? hint = null) => new(409, new ApiError(ApiErrorCodes.Conflict, message, hint));
}

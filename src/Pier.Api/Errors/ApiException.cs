namespace Pier.Api.Errors;

/// <summary>The daemon answered with an error.</summary>
public sealed class ApiException(int status, ApiError error) : Exception(error.Message)
{
    /// <summary>The HTTP status, or 200 when a stream of progress ended in failure.</summary>
    public int Status { get; } = status;

    /// <summary>What the daemon said.</summary>
    public ApiError Error { get; } = error;
}

namespace Pier.Distribution.Errors;

/// <summary>What went wrong with an upstream, in full; it is the cause of the content exception that callers see.</summary>
public sealed class UpstreamException(UpstreamFailure failure, string message, Exception? cause = null) : IOException(message, cause)
{
    /// <summary>The leg that failed.</summary>
    public UpstreamFailure Failure { get; } = failure;

    /// <summary>HTTP status where there was one.</summary>
    public int? Status { get; init; }

    /// <summary>The registry's own error code, such as <c>MANIFEST_UNKNOWN</c>, or null.</summary>
    public string? Code { get; init; }

    /// <summary>How long the upstream asks to be left alone, or null.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

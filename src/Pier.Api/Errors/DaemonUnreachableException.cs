namespace Pier.Api.Errors;

/// <summary>Nothing answers on the daemon's socket; the message says why, <see cref="Hint"/> what to do.</summary>
public sealed class DaemonUnreachableException(string message, string hint, Exception cause) : IOException(message, cause)
{
    /// <summary>How to get a daemon that answers.</summary>
    public string Hint { get; } = hint;
}

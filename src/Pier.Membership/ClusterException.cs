namespace Pier.Membership;

/// <summary>Founding, joining or restoring a cluster failed; the message says at which step and what to do.</summary>
public sealed class ClusterException(ClusterFailure failure, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Which step failed.</summary>
    public ClusterFailure Failure { get; } = failure;
}

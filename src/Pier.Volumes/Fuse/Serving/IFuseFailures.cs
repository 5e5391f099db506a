namespace Pier.Volumes.Fuse.Serving;

/// <summary>Told why reads failed, for whoever looks at the volume. Must be quick; called from any thread.</summary>
internal interface IFuseFailures
{
    /// <summary>A request failed.</summary>
    /// <param name="nodeId">The node that it was about.</param>
    /// <param name="reason">Why.</param>
    void Report(ulong nodeId, string reason);
}

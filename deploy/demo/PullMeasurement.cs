namespace Pier.Demo;

/// <summary>One row of the demo's table.</summary>
/// <param name="Step">What was done.</param>
/// <param name="Delivered">After how long Pier had brought the last layer to the host.</param>
/// <param name="Duration">How long the pull took, unpacking included.</param>
/// <param name="FromUpstream">Bytes the registry's host sent meanwhile.</param>
/// <param name="FromPeers">Bytes the other Pier host sent meanwhile.</param>
internal sealed record PullMeasurement(string Step, TimeSpan Delivered, TimeSpan Duration, long FromUpstream, long FromPeers);

using Pier.Buildkit.Wire;

namespace Pier.Buildkit.Gateway;

/// <summary>BuildKit refused a call.</summary>
/// <param name="status">gRPC's code and text, with BuildKit's details: sources, vertices.</param>
internal sealed class GrpcException(Status status) : Exception(status.Message)
{
    /// <summary>What BuildKit said.</summary>
    public Status Status { get; } = status;
}

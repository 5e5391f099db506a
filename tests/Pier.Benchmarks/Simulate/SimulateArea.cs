using Pier.Benchmarks.Harness;
using Pier.Simulation.Network;
using Pier.Simulation.Results;
using Pier.Simulation.Scenarios;

namespace Pier.Benchmarks.Simulate;

/// <summary>The swarm engine at thousands of nodes, on a virtual clock.</summary>
internal sealed class SimulateArea : IBenchArea
{
    /// <inheritdoc/>
    public string Name => "simulate";

    /// <inheritdoc/>
    public IReadOnlyList<string> RowNames => ["sim-2600x3g", "sim-10k"];

    /// <inheritdoc/>
    public IReadOnlyList<string> Settings { get; } = [];

    /// <inheritdoc/>
    public Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        throw new NotSupportedException();
    }
}

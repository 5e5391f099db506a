using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Pier.InteropTests.Conformance;

/// <summary>Runs a check against Pier and, so that the check itself is proved, against Debian's docker-registry.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OnEveryRegistryAttribute : DataAttribute
{
    /// <summary>Why docker-registry 2.8 fails this check, which it then must do; null when it passes.</summary>
    public string? Deviation { get; init; }

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>(
            [new TheoryDataRow<string, string?>(Registries.Pier, null), new TheoryDataRow<string, string?>(Registries.Debian, Deviation)]);

    public override bool SupportsDiscoveryEnumeration() => true;
}

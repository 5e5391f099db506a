using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.TestKit.Policies;

namespace Pier.UnitTests.Containers;

/// <summary>An access policy that says what a test wants, breaks at a blob, or takes its time.</summary>
internal sealed class StubPolicy : FixedPolicy
{
    /// <summary>Whether everything is public.</summary>
    public bool IsPublic { get; init; }

    /// <summary>Whether everything is known to be private.</summary>
    public bool IsClosedToAll { get; init; }

    /// <summary>The blob that it breaks at.</summary>
    public Digest? Faulty { get; init; }

    /// <summary>Without its end, nobody is told what may be served.</summary>
    public Task Hold { get; init; } = Task.CompletedTask;

    public override bool IsClosed(Digest digest) => digest == Faulty ? throw new ArithmeticException("a fault") : IsClosedToAll;

    public override async ValueTask<bool> MayServeAsync(Digest digest, RepositoryName? under, Door door, CancellationToken cancellationToken)
    {
        await Hold.WaitAsync(cancellationToken);
        return IsPublic;
    }
}

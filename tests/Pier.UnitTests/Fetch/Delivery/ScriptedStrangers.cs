using System.Diagnostics.CodeAnalysis;
using Pier.Fetch.Ladder;

namespace Pier.UnitTests.Fetch.Delivery;

/// <summary>Strangers that wait to be taken, in order.</summary>
internal sealed class ScriptedStrangers(params IEnumerable<Candidate> candidates) : IStrangers
{
    private readonly Queue<Candidate> _waiting = new(candidates);

    public int Waiting => _waiting.Count;

    public bool TryTake([NotNullWhen(true)] out Candidate? candidate) => _waiting.TryDequeue(out candidate);

    public void PutBack(Candidate candidate) => _waiting.Enqueue(candidate);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

using System.Collections.Concurrent;
using Pier.Content.Contracts;
using Pier.Fetch.Ladder;

namespace Pier.UnitTests.Fetch.Delivery;

/// <summary>The world of sources as a test lays it out.</summary>
internal sealed class ScriptedFinder : ISourceFinder
{
    private int _searches;

    /// <summary>What each search finds.</summary>
    public Func<IReadOnlyList<Candidate>> Peers { get; set; } = () => [];

    /// <summary>Completes when members answer.</summary>
    public Task MembersAnswer { get; set; } = Task.CompletedTask;

    /// <summary>What the upstream rung answers, in order; the last one again and again.</summary>
    public ConcurrentQueue<Candidate?> Upstreams { get; } = new();

    /// <summary>What the upstream rung was told that failed.</summary>
    public ConcurrentQueue<string?> Failed { get; } = new();

    public int Searches => Volatile.Read(ref _searches);

    public async ValueTask<IReadOnlyList<Candidate>> PeersAsync(BlobRequest request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _searches);
        await MembersAnswer.WaitAsync(cancellationToken);
        return Peers();
    }

    /// <summary>Strangers who come when they are looked for.</summary>
    public Func<IStrangers?> Strangers { get; set; } = () => null;

    public IStrangers? Meet(BlobRequest request, Action found) => Strangers();

    public ValueTask<Candidate?> UpstreamAsync(BlobRequest request, Candidate? failed, CancellationToken cancellationToken)
    {
        Failed.Enqueue(failed?.Name);
        if (Upstreams.Count > 1 && Upstreams.TryDequeue(out var next))
        {
            return ValueTask.FromResult(next);
        }
        return ValueTask.FromResult(Upstreams.TryPeek(out var last) ? last : null);
    }
}

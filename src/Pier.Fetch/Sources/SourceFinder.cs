using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Fetch.Ladder;
using Pier.Fetch.Policy;
using Pier.Fetch.Sources.Members;
using Pier.Fetch.Turns;
using Pier.Fetch.Upstreams;
using Pier.Membership.Client;
using Pier.Membership.Members;
using Pier.Membership.Turns;
using Pier.Store.Partial;

namespace Pier.Fetch.Sources;

/// <summary>
/// Knows the sources of this node's world: swarms and members that claim a blob, and the upstream behind its turn
/// (design §3.5).
/// </summary>
internal sealed class SourceFinder(
    INodeClient members,
    ITurns turns,
    ISwarmSources swarms,
    IUpstream upstream,
    PartialBlobs partials,
    FetchOptions options,
    TimeProvider time,
    ILogger<SourceFinder> log,
    IBlobProofs? proofs = null) : ISourceFinder
{
    /// <summary>How long further claims are waited for after the first: members on one network answer together.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(25);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Candidate>> PeersAsync(BlobRequest request, CancellationToken cancellationToken)
    {
        var holdings = await AskAllAsync(request, cancellationToken);
        var candidates = new List<Candidate>();
        if (holdings.Exists(holding => holding.Holding.Size >= options.SmallBlob))
        {
            candidates.AddRange(swarms.For(request, holdings));
        }
        candidates.AddRange(holdings
            .OrderBy(holding => holding.Holding.State)
            .Select(holding => new Candidate(SourceNames.Of(holding.Member), new MemberSource(members, holding.Member, holding.Holding.Size, patience: null))));
        return candidates;
    }

    /// <inheritdoc/>
    public IStrangers? Meet(BlobRequest request, Action found) => swarms.Meet(request, found);

    /// <inheritdoc/>
    public async ValueTask<Candidate?> UpstreamAsync(BlobRequest request, Candidate? failed, CancellationToken cancellationToken)
    {
        TurnAnswer answer;
        try
        {
            answer = await turns.AskAsync(request, (failed?.Source as IMemberBacked)?.Member.Id, cancellationToken);
        }
        catch (MemberException silence)
        {
            // Neither the referee nor its deputy: every node goes by itself, not all in the same moment.
            LogMessages.RefereeSilent(log, request.Digest, silence.Message);
            await Task.Delay(options.RefereeJitter * Random.Shared.NextDouble(), time, cancellationToken);
            return Upstream(request);
        }

        switch (answer)
        {
            case TurnAnswer.Follow ruling:
                LogMessages.Follows(log, request.Digest, ruling.Holder.Name);
                return Follow(ruling, request);
            default:
                var turn = new MemberTurn(turns, request.Digest, options.SilentTurnOf(request.Origin?.Registry), time, log);
                if (Upstream(request) is { } candidate)
                {
                    return candidate with { Turn = turn };
                }
                await turn.ReleaseAsync(isSealed: false);
                return null;
        }
    }

    /// <summary>The first byte of one that still downloads is that of its upstream; one that has it all needs no more time than any.</summary>
    private Candidate Follow(TurnAnswer.Follow ruling, BlobRequest request)
    {
        TimeSpan? firstByte = ruling.IsDone ? null : options.FirstByteTimeoutOf(request.Origin?.Registry);
        return new Candidate(SourceNames.Of(ruling.Holder), swarms.Follow(ruling.Holder, firstByte))
        {
            Patience = firstByte is { } patience ? new LegPatience(patience, options.StallTimeout) : null,
        };
    }

    private Candidate? Upstream(BlobRequest request) => request.Origin is { } origin
        ? new Candidate($"upstream {origin.Registry}", new UpstreamSource(upstream, origin, partials, proofs))
        {
            Patience = options.PatienceOf(origin.Registry),
        }
        : null;

    /// <summary>
    /// Those that have the blob; one that is still fetching it counts only when nobody could fetch it here, since
    /// whom to follow is the referee's to say.
    /// </summary>
    private async ValueTask<List<MemberHolding>> AskAllAsync(BlobRequest request, CancellationToken cancellationToken)
    {
        var found = new List<MemberHolding>();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var grace = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        await using var ends = grace.Token.Register(enough.Cancel);
        try
        {
            await foreach (var holding in members.WhoHasAsync(new BlobName(request.Digest, request.Origin), options.SearchPatience, enough.Token))
            {
                if (holding.Holding.State == HoldingState.Sealed || request.Origin is null)
                {
                    found.Add(holding);
                    grace.CancelAfter(Grace);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Enough have answered.
        }
        return found;
    }
}

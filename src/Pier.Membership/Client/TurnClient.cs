using System.Collections.Concurrent;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Membership.Identity;
using Pier.Membership.Members;
using Pier.Membership.Turns;
using Pier.Membership.Wire;

namespace Pier.Membership.Client;

/// <summary>Finds the referee of a digest and asks it, here or over its node port; while it is silent, its deputy.</summary>
internal sealed class TurnClient(
    MemberTable table, TurnReferee referee, NodeConnections connections, NodeCalls calls) : ITurns
{
    /// <summary>Who granted the turns of this node that are not the referee's; a deputy must hear of their progress itself.</summary>
    private readonly ConcurrentDictionary<Digest, Member> deputies = new();

    /// <inheritdoc/>
    public async Task<TurnAnswer> AskAsync(BlobRequest request, NodeId? unreachable, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var digest = request.Digest;
        var judge = JudgeOf(digest);
        try
        {
            return await AskAsync(judge, digest, unreachable, cancellationToken);
        }
        catch (MemberException silence) when (silence.Failure is MemberFailure.TimedOut or MemberFailure.Unreachable or MemberFailure.Broken)
        {
            var deputy = table.Current.DeputyOf(digest);
            if (deputy.Id == judge.Id)
            {
                throw;
            }

            var answer = await AskAsync(deputy, digest, unreachable, cancellationToken);
            if (answer is TurnAnswer.Granted)
            {
                deputies[digest] = deputy;
            }

            return answer;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> RenewAsync(Digest digest, long progress, bool isWaiting, CancellationToken cancellationToken)
    {
        var judge = JudgeOf(digest);
        if (IsHere(judge))
        {
            return referee.Renew(judge.Id, digest, progress, isWaiting);
        }

        var word = new TurnRequestDocument { Digest = digest.ToString(), Progress = progress, Waiting = isWaiting };
        var answer = await CallAsync(judge, NodeRoutes.TurnRenew, word, cancellationToken)
            ?? throw new MemberException(judge, MemberFailure.Malformed, "it ruled nothing.");
        return answer.Granted;
    }

    /// <inheritdoc/>
    public async Task ReleaseAsync(Digest digest, TurnOutcome outcome, CancellationToken cancellationToken)
    {
        var judge = JudgeOf(digest);
        deputies.TryRemove(digest, out _);
        if (IsHere(judge))
        {
            referee.Release(judge.Id, digest, outcome);
            return;
        }

        var word = new TurnRequestDocument { Digest = digest.ToString(), Done = outcome == TurnOutcome.Done };
        await CallAsync(judge, NodeRoutes.TurnRelease, word, cancellationToken);
    }

    private bool IsHere(Member judge) => judge.Id == table.Self.Id;

    private Member JudgeOf(Digest digest) => deputies.TryGetValue(digest, out var deputy) ? deputy : table.Current.RefereeOf(digest);

    private async Task<TurnAnswer> AskAsync(Member judge, Digest digest, NodeId? unreachable, CancellationToken cancellationToken)
    {
        if (IsHere(judge))
        {
            return AskHere(digest, unreachable ?? default);
        }

        var question = new TurnRequestDocument { Digest = digest.ToString(), Unreachable = unreachable?.ToString() };
        var answer = await CallAsync(judge, NodeRoutes.TurnAsk, question, cancellationToken)
            ?? throw new MemberException(judge, MemberFailure.Malformed, "it ruled nothing.");
        return answer.Granted
            ? new TurnAnswer.Granted(TimeSpan.FromMilliseconds(Math.Clamp(answer.LeaseMs, 1, 3_600_000)))
            : new TurnAnswer.Follow(HolderIn(judge, answer), answer.Done);
    }

    private TurnAnswer AskHere(Digest digest, NodeId unreachable)
    {
        var snapshot = table.Current;
        var ruling = referee.Ask(snapshot.Self.Id, digest, unreachable);
        if (ruling.IsGranted)
        {
            return new TurnAnswer.Granted(referee.Lease);
        }

        // A holder that has been forgotten since cannot be followed, so it is unreachable too.
        return snapshot.Find(ruling.Holder) is { } holder
            ? new TurnAnswer.Follow(holder, ruling.IsDone)
            : unreachable != ruling.Holder
                ? AskHere(digest, ruling.Holder)
                : new TurnAnswer.Granted(referee.Lease);
    }

    private Member HolderIn(Member judge, TurnAnswerDocument answer)
    {
        if (answer.Follow is not { } document)
        {
            throw new MemberException(judge, MemberFailure.Malformed, "it says to follow, but not whom.");
        }

        try
        {
            // The holder may have joined a moment ago; the referee's word introduces it. Its own address it leaves open.
            var entry = document.ToEntry();
            table.Learn([entry with { Record = entry.Record.SeenAt(judge.Endpoint.Address) }]);
            return table.Current.Find(entry.Record.Id) is { } holder && holder.Id != table.Self.Id
                ? holder
                : throw new MemberException(judge, MemberFailure.Malformed, $"it says to follow {entry.Record.Id.Short}, who cannot be followed.");
        }
        catch (System.Text.Json.JsonException cause)
        {
            throw new MemberException(judge, MemberFailure.Malformed, cause.Message, cause);
        }
    }

    private Task<TurnAnswerDocument?> CallAsync(Member judge, string path, TurnRequestDocument word, CancellationToken cancellationToken) =>
        calls.CallAsync(
            judge, connections.To(judge), path, word, NodeJson.Default.TurnRequestDocument, NodeJson.Default.TurnAnswerDocument, table.PatienceWith(judge.Id), cancellationToken);
}

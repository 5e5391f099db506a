using Microsoft.Extensions.Logging;
using Pier.Membership.Client;
using Pier.Membership.Holdings;
using Pier.Membership.Joining;

namespace Pier.Membership.Members;

/// <summary>
/// Keeps this node known: a heartbeat to every other member, dead ones included, and a look at who fell silent.
/// A member that does not know this node (any more) is joined anew with the cluster's secret.
/// </summary>
internal sealed class HeartbeatLoop(
    MemberTable table, ClusterClient client, NodeConnections connections, ClusterFolder folder, HoldingsClient holdings, HoldingsBoard board, MembershipOptions options, TimeProvider clock, ILogger<HeartbeatLoop> logger)
{
    private static readonly TimeSpan TickEvery = TimeSpan.FromSeconds(1);

    /// <summary>Runs until the token ends it.</summary>
    public Task RunAsync(ClusterState cluster, CancellationToken cancellationToken) => Task.WhenAll(
        ReportAsync("heartbeats", BeatAsync(cluster, cancellationToken), cancellationToken),
        ReportAsync("liveness checks", TickAsync(cancellationToken), cancellationToken),
        ReportAsync("member list", WatchAsync(cancellationToken), cancellationToken));

    private async Task ReportAsync(string part, Task loop, CancellationToken cancellationToken)
    {
        try
        {
            await loop;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            logger.LoopEnded(part);
        }
        catch (Exception cause)
        {
            logger.LoopBroken(part, cause);
            throw;
        }
    }

    private async Task BeatAsync(ClusterState cluster, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.HeartbeatEvery, clock);
        do
        {
            await BeatOnceAsync(cluster, cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>One round, every other member at once; it never outlasts the time to the next one.</summary>
    private async Task BeatOnceAsync(ClusterState cluster, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.HeartbeatEvery, clock);
        using var round = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var snapshot = table.Current;
        var beats = snapshot.Others.Select(member => TryAsync(token => BeatAsync(member, cluster, token), round.Token));
        if (cluster.Joined is { } joined && snapshot.Find(joined.Token.Node) is not { IsLive: true })
        {
            // Its address may have changed under the same host name.
            beats = beats.Append(TryAsync(token => client.JoinAsync(joined, token), round.Token));
        }

        await Task.WhenAll(beats);
    }

    private async Task BeatAsync(Member member, ClusterState cluster, CancellationToken cancellationToken)
    {
        try
        {
            await holdings.FollowAsync(member, await client.HeartbeatAsync(member, cancellationToken), cancellationToken);
        }
        catch (MemberException cause) when (cause.Failure == MemberFailure.Refused)
        {
            await client.JoinAsync(member, cluster.Secret, cancellationToken);
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> call, CancellationToken round)
    {
        try
        {
            await call(round);
        }
        catch (Exception cause) when (cause is MemberException or ClusterException || (cause is OperationCanceledException && round.IsCancellationRequested))
        {
            logger.NoAnswer(cause.Message);
        }
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TickEvery, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            table.Tick();
        }
    }

    /// <summary>Keeps the list on disk and says in the log who comes and goes.</summary>
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var before = table.Current;
        try
        {
            while (true)
            {
                await table.ChangedSince(before.Version).WaitAsync(cancellationToken);
                var after = table.Current;
                foreach (var member in after.Others.Where(member => before.Find(member.Id)?.Liveness != member.Liveness))
                {
                    logger.LivenessChanged(member.Name, member.Id.Short, member.Liveness);
                }

                connections.Keep(after);
                board.Keep(after);
                Save();
                before = after;
            }
        }
        finally
        {
            Save();
        }
    }

    private void Save()
    {
        try
        {
            folder.SaveMembers(table.Tell());
        }
        catch (ClusterException cause)
        {
            logger.MembersNotKept(cause.Message);
        }
    }
}

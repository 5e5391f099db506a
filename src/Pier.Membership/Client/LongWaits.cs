using Pier.Membership.Identity;
using Pier.Membership.Members;

namespace Pier.Membership.Client;

/// <summary>
/// Waits for members for longer than they may be silent otherwise, but only while they live: a host that is gone may never end its
/// connections, and then the missing heartbeats alone tell.
/// </summary>
internal sealed class LongWaits(IMembership membership, MembershipOptions options, TimeProvider clock)
{
    /// <summary>How long any byte of a member may take.</summary>
    public TimeSpan StallAfter => options.StallAfter;

    /// <summary>The clock by which is waited.</summary>
    public TimeProvider Clock => clock;

    /// <summary>Waits for what ends by itself within <paramref name="patience"/>.</summary>
    /// <exception cref="MemberException">The member died meanwhile.</exception>
    public async Task<T> ForAsync<T>(Member member, TimeSpan patience, Func<CancellationToken, Task<T>> answer, CancellationToken cancellationToken)
    {
        if (patience <= options.StallAfter)
        {
            return await answer(cancellationToken);
        }

        var isDead = false;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = WatchAsync();
        try
        {
            return await answer(over.Token);
        }
        catch (OperationCanceledException cause) when (isDead && !cancellationToken.IsCancellationRequested)
        {
            throw new MemberException(member, MemberFailure.Unreachable, "it died while it was waited for.", cause);
        }
        finally
        {
            await over.CancelAsync();
            await watching;
        }

        async Task WatchAsync()
        {
            try
            {
                await DeathAsync(member.Id, over.Token);
                isDead = true;
                await over.CancelAsync();
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                // It answered, or nobody waits any more.
            }
        }
    }

    /// <summary>Returns once the member is not live; for a while anybody is waited for, as one may be slow to show that it is.</summary>
    private async Task DeathAsync(NodeId id, CancellationToken cancellationToken)
    {
        await Task.Delay(options.StallAfter, clock, cancellationToken);
        await foreach (var snapshot in membership.WatchAsync(cancellationToken))
        {
            if (snapshot.Find(id) is not { IsLive: true })
            {
                return;
            }
        }
    }
}

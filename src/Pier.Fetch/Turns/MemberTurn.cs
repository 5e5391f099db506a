using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Fetch.Ladder;
using Pier.Membership.Client;
using Pier.Membership.Turns;

namespace Pier.Fetch.Turns;

/// <summary>A turn that the referee granted: tells it the progress each second (design §3.5).</summary>
/// <param name="turns">The way to the referee.</param>
/// <param name="digest">The blob.</param>
/// <param name="silence">How long the turn is to last without a byte, because the upstream may take so long to its first; zero where that is not so.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Hears when the turn is lost.</param>
internal sealed class MemberTurn(ITurns turns, Digest digest, TimeSpan silence, TimeProvider time, ILogger log) : ITurn
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async Task RenewAsync(Func<long> bytesSoFar, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        using var tick = new PeriodicTimer(Every, time);
        while (await tick.WaitForNextTickAsync(cancellationToken))
        {
            var progress = bytesSoFar();
            try
            {
                if (!await turns.RenewAsync(digest, progress, progress == 0 && time.GetElapsedTime(began) < silence, cancellationToken))
                {
                    LogMessages.TurnLost(log, digest);
                }
            }
            catch (MemberException failure)
            {
                LogMessages.RefereeSilent(log, digest, failure.Message);
            }
        }
    }

    /// <inheritdoc/>
    public async Task ReleaseAsync(bool isSealed)
    {
        using var patience = new CancellationTokenSource(ReleasePatience, time);
        try
        {
            await turns.ReleaseAsync(digest, isSealed ? TurnOutcome.Done : TurnOutcome.Failed, patience.Token);
        }
        catch (MemberException failure)
        {
            LogMessages.RefereeSilent(log, digest, failure.Message);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            LogMessages.RefereeSilent(log, digest, "no answer to the release; the lease runs out by itself");
        }
    }
}

using Pier.Content;
using Pier.Content.Contracts;
using Pier.Membership.Client;
using Pier.Membership.Identity;

namespace Pier.Membership.Turns;

/// <summary>
/// Turns at a digest's upstream (design §3.5), asked of its referee wherever that is; when it is this node, the
/// same rules answer without a wire between.
/// </summary>
public interface ITurns
{
    /// <summary>Asks for a turn. Asking again while holding one renews it.</summary>
    /// <param name="request">The blob; its size goes along where known.</param>
    /// <param name="unreachable">A member that the referee named before and that this node cannot stream from, else null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="MemberException">Neither the referee nor its deputy answered in time (<see cref="MembershipOptions.RefereePatience"/>): go yourself, with jitter.</exception>
    Task<TurnAnswer> AskAsync(BlobRequest request, NodeId? unreachable, CancellationToken cancellationToken);

    /// <summary>Tells the referee how many bytes have arrived; to be called about every second.</summary>
    /// <param name="digest">The blob.</param>
    /// <param name="progress">The bytes.</param>
    /// <param name="isWaiting">None has, and the upstream is one that may take this long: the turn lasts, and nobody else gets one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when the turn is lost to others: follow one of them, or finish at the cost of extra upstream bytes.</returns>
    /// <exception cref="MemberException">The referee did not answer; the fetch goes on.</exception>
    Task<bool> RenewAsync(Digest digest, long progress, bool isWaiting, CancellationToken cancellationToken);

    /// <summary>Gives the turn back. Releasing a turn that was never held does nothing.</summary>
    /// <exception cref="MemberException">The referee did not answer; the lease will run out by itself.</exception>
    Task ReleaseAsync(Digest digest, TurnOutcome outcome, CancellationToken cancellationToken);
}

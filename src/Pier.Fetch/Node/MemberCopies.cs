using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Fetch.Seeding;
using Pier.Membership;
using Pier.Membership.Client;
using Pier.Membership.Holdings;
using Pier.Membership.Members;
using Pier.Store.Eviction;

namespace Pier.Fetch.Node;

/// <summary>
/// The copies that members have. Of all that say they hold a blob one is to keep it, the same for whoever asks, so that no two
/// drop it at once and rely on each other.
/// </summary>
internal sealed class MemberCopies(IMembership membership, IHoldings holdings, INodeClient client, Seeder seeder, ILogger<MemberCopies> log) : ICopies
{
    /// <inheritdoc/>
    public bool IsKeptElsewhere(Digest sha256) => KeeperOf(sha256) is not null;

    /// <inheritdoc/>
    public async ValueTask<bool> ConfirmAsync(Digest sha256, CancellationToken cancellationToken)
    {
        if (KeeperOf(sha256) is not { } keeper)
        {
            return false;
        }
        try
        {
            return await client.GetHoldingAsync(keeper, sha256, cancellationToken) is { State: HoldingState.Sealed };
        }
        catch (MemberException failure)
        {
            LogMessages.CopyNotConfirmed(log, sha256, failure.Message);
            return false;
        }
    }

    /// <inheritdoc/>
    public Task EvictedAsync(Digest sha256) => seeder.ForgetAsync(sha256);

    /// <summary>The member that is to keep a blob; null when it is this node, or no other has it.</summary>
    private Member? KeeperOf(Digest sha256)
    {
        var self = membership.Current.Self;
        var claiming = holdings.ClaimedBy(sha256);
        return claiming.Count > 0 && MemberSnapshot.KeeperOf(sha256, claiming.Append(self)) is { } keeper && keeper.Id != self.Id ? keeper : null;
    }
}

using System.Net;
using Pier.Content;
using Pier.Membership;
using Pier.Membership.Client;
using Pier.Membership.Identity;
using Pier.Membership.Members;
using Pier.Membership.Turns;

namespace Pier.UnitTests.Membership;

/// <summary>A node in no cluster: nobody answers, and every turn is its own.</summary>
public class DisabledMembershipTests
{
    private static readonly Digest Blob = Digest.Compute([1]);

    private readonly Member self = new(NodeId.OfPublicKey([1]), "self", new IPEndPoint(IPAddress.Loopback, 5059), null, default, Liveness.Live);

    [Fact]
    public async Task Nobody_is_asked_and_every_turn_is_granted()
    {
        var token = TestContext.Current.CancellationToken;
        var alone = new DisabledMembership(self);

        alone.Current.IsJoined.ShouldBeFalse();
        alone.SwarmKey.IsEmpty.ShouldBeTrue();
        (await alone.WhoHasAsync(Blob, TimeSpan.Zero, token).ToListAsync(token)).ShouldBeEmpty();
        (await alone.FindManifestAsync(Blob, TimeSpan.Zero, token)).ShouldBeNull();
        (await alone.FindTagAsync(new("docker.io", "library/busybox"), "latest", TimeSpan.Zero, token)).ShouldBeNull();
        (await alone.AskAsync(new(Blob), null, token)).ShouldBeOfType<TurnAnswer.Granted>();
        (await alone.RenewAsync(Blob, 1, isWaiting: false, token)).ShouldBeTrue();
        await alone.ReleaseAsync(Blob, TurnOutcome.Done, token);
        (await Should.ThrowAsync<MemberException>(async () => await alone.OpenRangeAsync(self, Blob, 0, null, patience: null, token))).Failure.ShouldBe(MemberFailure.Refused);
    }
}

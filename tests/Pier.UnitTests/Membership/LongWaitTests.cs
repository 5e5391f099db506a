using Pier.Membership;
using Pier.Membership.Client;
using Pier.Membership.Members;
using Pier.TestKit;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Membership;

/// <summary>A member that waits for its own upstream is waited for, between real nodes on the asker's clock.</summary>
public sealed class LongWaitTests : IAsyncLifetime
{
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly ProvisionalOffer Offer = new(1000, new byte[ProvisionalOffer.ClaimSize], new byte[] { 1 }, new byte[ProvisionalOffer.KeySize]);

    private readonly ManualTimeProvider clock = new();
    private readonly TaskCompletionSource upstream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ClusterPair pair = null!;
    private GrowingBlob blob = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private INodeClient Client => pair.Member.Client;

    private Member Holder => pair.Member.Know(pair.Founder);

    public ValueTask InitializeAsync() => StartAsync(options => options with { StallAfter = Stall });

    public ValueTask DisposeAsync() => pair.DisposeAsync();

    [Fact]
    public async Task An_answer_and_the_first_byte_after_it_may_take_as_long_as_the_asker_says_and_no_other_byte()
    {
        var opening = Client.OpenRangeAsync(Holder, blob.Digest, 0, null, Patience, Token);
        await PassAsync(Silence);
        upstream.SetResult();
        await using var stream = await opening;

        var reading = stream.ReadExactlyAsync(new byte[10], Token).AsTask();
        clock.Advance(Silence);
        blob.GrowTo(10);
        await reading;

        var more = stream.ReadAsync(new byte[1], Token).AsTask();
        clock.Advance(Stall);
        (await Should.ThrowAsync<MemberException>(more)).Failure.ShouldBe(MemberFailure.Stalled);
    }

    [Fact]
    public async Task An_invitation_may_take_as_long_as_the_asker_says()
    {
        pair.Founder.Content.Invitations[blob.Digest] = Offer;

        var asking = Client.AskInvitationAsync(Holder, blob.Digest, Patience, Token);
        await PassAsync(Silence);
        upstream.SetResult();

        (await asking).ShouldNotBeNull().Size.ShouldBe(Offer.Size);
    }

    [Fact]
    public async Task Neither_is_waited_for_any_longer()
    {
        var opening = Client.OpenRangeAsync(Holder, blob.Digest, 0, null, Patience, Token);
        var asking = Client.AskInvitationAsync(Holder, blob.Digest, patience: null, Token);
        await PassAsync(Stall);
        (await Should.ThrowAsync<MemberException>(asking)).Failure.ShouldBe(MemberFailure.TimedOut);
        opening.IsCompleted.ShouldBeFalse();

        clock.Advance(Patience - Stall);

        (await Should.ThrowAsync<MemberException>(opening)).Failure.ShouldBe(MemberFailure.TimedOut);
    }

    /// <summary>Its connections stand, as those of a host without power do; only its heartbeats are missing.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_dies_without_a_word_is_waited_for_no_more(bool isSilent)
    {
        await pair.DisposeAsync();
        await StartAsync(options => options with { StallAfter = Stall, DeadAfter = TimeSpan.FromSeconds(10), HeartbeatEvery = TestNode.Never });
        var opening = Client.OpenRangeAsync(Holder, blob.Digest, 0, null, TestNode.Never, Token);
        if (!isSilent)
        {
            upstream.SetResult();
        }
        await using var stream = isSilent ? null : await opening;
        var waiting = stream?.ReadAsync(new byte[1], Token).AsTask() ?? (Task)opening;

        await Eventually.TrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return waiting.IsCompleted;
            }, "the wait to end", Eventually.Patience, Token);

        (await Should.ThrowAsync<MemberException>(waiting)).Failure.ShouldBe(MemberFailure.Unreachable);
    }

    private async ValueTask StartAsync(Func<MembershipOptions, MembershipOptions> with)
    {
        pair = await ClusterPair.StartAsync(Token, with, clock);
        pair.Founder.Content.Upstream = upstream.Task;
        blob = pair.Founder.Content.Add(new byte[1000], 0);
    }

    /// <summary>Lets time go by once the member has been asked.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        await Eventually.TrueAsync(() => pair.Founder.Content.Opened > 0, "the member to be asked", Eventually.Patience, Token);
        clock.Advance(time);
    }
}

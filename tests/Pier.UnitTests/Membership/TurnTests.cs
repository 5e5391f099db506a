using Pier.Content;
using Pier.Content.Contracts;
using Pier.Membership.Client;
using Pier.Membership.Members;
using Pier.Membership.Turns;
using Pier.TestKit;

namespace Pier.UnitTests.Membership;

/// <summary>Turns between real nodes: the founder is the referee.</summary>
public class TurnTests
{
    private static readonly BlobRequest Layer = new(Digest.Compute([1, 2, 3]));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_that_asks_fetches_and_the_rest_follow_it()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        await using var third = await pair.AddAsync("third", Token);

        (await third.Turns.AskAsync(Layer, null, Token)).ShouldBeOfType<TurnAnswer.Granted>().Lease.ShouldBe(TestNode.Never);
        Follows(await pair.Member.Turns.AskAsync(Layer, null, Token), third, isDone: false);
        Follows(await pair.Founder.Turns.AskAsync(Layer, null, Token), third, isDone: false);

        (await third.Turns.RenewAsync(Layer.Digest, 1000, isWaiting: false, Token)).ShouldBeTrue();
        await third.Turns.ReleaseAsync(Layer.Digest, TurnOutcome.Done, Token);
        Follows(await pair.Member.Turns.AskAsync(Layer, null, Token), third, isDone: true);
    }

    [Fact]
    public async Task A_turn_that_failed_or_whose_holder_is_unreachable_goes_to_the_next()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        await using var third = await pair.AddAsync("third", Token);
        await pair.Member.Turns.AskAsync(Layer, null, Token);
        await pair.Member.Turns.ReleaseAsync(Layer.Digest, TurnOutcome.Failed, Token);

        (await third.Turns.AskAsync(Layer, null, Token)).ShouldBeOfType<TurnAnswer.Granted>();
        Follows(await pair.Founder.Turns.AskAsync(Layer, null, Token), third, isDone: false);
        (await pair.Founder.Turns.AskAsync(Layer, third.Identity.Id, Token)).ShouldBeOfType<TurnAnswer.Granted>();
        // Two turns run now, and there is never a third.
        (await pair.Member.Turns.AskAsync(Layer, null, Token)).ShouldBeOfType<TurnAnswer.Follow>();
    }

    [Fact]
    public async Task The_founder_can_be_the_one_to_follow()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        (await pair.Founder.Turns.AskAsync(Layer, null, Token)).ShouldBeOfType<TurnAnswer.Granted>();
        Follows(await pair.Member.Turns.AskAsync(Layer, null, Token), pair.Founder, isDone: false);
    }

    [Fact]
    public async Task While_the_referee_is_silent_its_deputy_rules()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        await using var third = await pair.AddAsync("third", Token);
        await pair.Founder.DisposeAsync();

        // Nobody has noticed its end so far; everyone asks the same one instead.
        (await pair.Member.Turns.AskAsync(Layer, null, Token)).ShouldBeOfType<TurnAnswer.Granted>();
        Follows(await third.Turns.AskAsync(Layer, null, Token), pair.Member, isDone: false);
        (await pair.Member.Turns.RenewAsync(Layer.Digest, 1000, isWaiting: false, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_dead_referee_is_replaced_by_its_deputy()
    {
        await using var pair = await ClusterPair.StartAsync(Token, options => options with { DeadAfter = TestNode.Soon });
        await using var third = await pair.AddAsync("third", Token, options => options with { DeadAfter = TestNode.Soon });
        await pair.Founder.DisposeAsync();
        await pair.Member.SeesAsync(pair.Founder, Liveness.Dead, Token);
        await third.SeesAsync(pair.Founder, Liveness.Dead, Token);

        // On a busy machine the two may take each other for dead too, for a while, and rule alone: in the end they agree.
        await Eventually.TrueAsync(
            async () => await pair.Member.Turns.AskAsync(Layer, null, Token) is not null
                && await third.Turns.AskAsync(Layer, null, Token) is TurnAnswer.Follow { IsDone: false, Holder.Id: var holder } && holder == pair.Member.Identity.Id,
            "the third follows who asked first", TestNode.Deadline, Token);
        await Eventually.TrueAsync(
            async () =>
            {
                await pair.Member.Turns.ReleaseAsync(Layer.Digest, TurnOutcome.Done, Token);
                return await third.Turns.AskAsync(Layer, null, Token) is TurnAnswer.Follow { IsDone: true, Holder.Id: var holder } && holder == pair.Member.Identity.Id;
            }, "and is sent to it when it is done", TestNode.Deadline, Token);
    }

    [Fact]
    public async Task A_node_alone_is_its_own_referee()
    {
        await using var folder = Pier.TestKit.Files.TempFolder.Create();
        await using var alone = await TestNode.StartAsync(folder.Below("alone"), Token);
        (await alone.Turns.AskAsync(Layer, null, Token)).ShouldBeOfType<TurnAnswer.Granted>();
        (await alone.Turns.RenewAsync(Layer.Digest, 5, isWaiting: false, Token)).ShouldBeTrue();
        await alone.Turns.ReleaseAsync(Layer.Digest, TurnOutcome.Done, Token);
        (await alone.Client.WhoHasAsync(Layer.Digest, TimeSpan.FromSeconds(1), Token).ToListAsync(Token)).ShouldBeEmpty();
    }

    private static void Follows(TurnAnswer answer, TestNode holder, bool isDone)
    {
        var follow = answer.ShouldBeOfType<TurnAnswer.Follow>();
        follow.Holder.Id.ShouldBe(holder.Identity.Id);
        follow.IsDone.ShouldBe(isDone);
    }
}

using Pier.Membership.Client;
using Pier.TestKit;

namespace Pier.UnitTests.Membership.Holdings;

/// <summary>Summaries between real nodes, over real TLS: told with heartbeats, and used to ask only who has a blob.</summary>
public sealed class HoldingsInClusterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Members_hear_of_what_comes_and_goes_and_ask_only_those_that_have_it()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        await using var third = await pair.AddAsync("third", Token);
        var blob = pair.Founder.Content.Add(new byte[1000], readable: 1000);
        pair.Founder.Holdings.Add(blob.Digest);
        await Eventually.TrueAsync(
            () => third.Holdings.ClaimedBy(blob.Digest) is [var holder] && holder.Id == pair.Founder.Identity.Id, "the third hears of it", TestNode.Deadline, Token);
        await Eventually.TrueAsync(() => third.TellsAll(pair.Member), "the other has told that it holds nothing", TestNode.Deadline, Token);
        var asked = pair.Member.Content.Asked;

        (await third.Client.WhoHasAsync(blob.Digest, TestNode.Deadline, Token).ToListAsync(Token)).Single().Member.Id.ShouldBe(pair.Founder.Identity.Id);

        pair.Member.Content.Asked.ShouldBe(asked, "its summary says that it has nothing");
        pair.Founder.Holdings.Remove(blob.Digest);
        await Eventually.TrueAsync(() => third.Holdings.ClaimedBy(blob.Digest).Count == 0, "the third hears that it went", TestNode.Deadline, Token);
    }

    [Fact]
    public async Task A_member_that_claims_what_it_does_not_have_keeps_nobody_from_finding_it()
    {
        await using var pair = await ClusterPair.StartAsync(Token);
        await using var third = await pair.AddAsync("third", Token);
        var blob = pair.Member.Content.Add(new byte[1000], readable: 1000);
        pair.Founder.Holdings.Add(blob.Digest);
        await Eventually.TrueAsync(() => third.Holdings.ClaimedBy(blob.Digest).Count == 1, "the third hears the lie", TestNode.Deadline, Token);

        var found = await third.Client.WhoHasAsync(blob.Digest, TestNode.Deadline, Token).ToListAsync(Token);

        found.Single().Member.Id.ShouldBe(pair.Member.Identity.Id);
        (await third.Client.GetHoldingAsync(third.Know(pair.Founder), blob.Digest, Token)).ShouldBeNull();
    }
}

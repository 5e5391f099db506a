using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution.Credentials;
using Pier.Fetch.Delivery;

namespace Pier.UnitTests.Fetch.Delivery;

/// <summary>Who asks for one blob, and in whose name sources are asked.</summary>
public sealed class FetchDemandTests
{
    private static readonly Digest Blob = Digest.Compute("blob"u8);
    private static readonly RepositoryName Mine = new("registry.test", "mine/app");
    private static readonly RepositoryName Theirs = new("registry.test", "theirs/app");

    [Fact]
    public void A_fetch_is_somebody_s_own_until_another_s_turn_comes()
    {
        var demand = new FetchDemand(Ask(Mine));
        demand.Join(Ask(Mine));
        demand.Join(Ask(Theirs) with { Priority = FetchPriority.Client });
        demand.IsFor(Asker.Of(Mine)).ShouldBeTrue("nothing is asked of the other yet");
        demand.IsFor(Asker.Of(Theirs)).ShouldBeFalse();
        demand.IsFor(Asker.Of(null)).ShouldBeFalse();

        demand.TryNext().ShouldBeTrue();
        demand.Errand.Request.Origin.ShouldBe(Theirs);
        demand.IsFor(Asker.Of(Mine)).ShouldBeFalse();
        demand.IsFor(Asker.Of(Theirs)).ShouldBeFalse("the first may have sent bytes");
        demand.TryNext().ShouldBeFalse();
    }

    [Fact]
    public void Who_names_no_repository_is_asked_for_in_the_name_of_who_does()
    {
        var demand = new FetchDemand(new BlobRequest(Blob));
        demand.IsFor(Asker.Of(null)).ShouldBeTrue();

        demand.Join(Ask(Mine));

        (demand.Errand.Request.Origin, demand.IsFor(Asker.Of(Mine)), demand.IsFor(Asker.Of(null))).ShouldBe((Mine, false, false));
        (demand.WasAsked(Asker.Of(Mine)), demand.WasAsked(Asker.Of(null)), demand.WasAsked(Asker.Of(Theirs))).ShouldBe((true, true, false));
    }

    [Fact]
    public async Task Logins_take_turns_and_each_has_its_own_answer()
    {
        var demand = new FetchDemand(Ask(Mine));
        var (wrong, right) = (await JoinAsync(demand, "wrong"), await JoinAsync(demand, "right"));
        await JoinAsync(demand, "wrong");
        var node = Asker.Of(Mine);

        demand.Fail(new ContentDeniedException("not the node"));
        demand.RefusalTo(node).ShouldBeNull("one answer is everybody's, with the names of all sources");
        demand.WasAsked(wrong).ShouldBeFalse();
        demand.TryNext().ShouldBeTrue();
        demand.Errand.Login?.Mark.ShouldBe(wrong.Login);
        demand.Fail(new ContentNotFoundException("nor that one"));
        demand.TryNext().ShouldBeTrue();
        demand.Errand.Login?.Mark.ShouldBe(right.Login);
        demand.TryNext().ShouldBeFalse("the same login waits once");

        (demand.WasAsked(wrong), demand.WasAsked(right)).ShouldBe((true, true));
        demand.RefusalTo(node).ShouldBeOfType<ContentDeniedException>();
        demand.RefusalTo(wrong).ShouldBeOfType<ContentNotFoundException>();
        demand.RefusalTo(right).ShouldBeNull();
    }

    [Fact]
    public async Task Nothing_is_asked_in_the_name_of_a_follower()
    {
        CallerLogin.Current = Login("right");
        var demand = new FetchDemand(Ask(Mine));
        CallerLogin.Current = null;

        await Task.Run(() => demand.Follow(FetchPriority.Client), TestContext.Current.CancellationToken);

        (demand.Interested, demand.Errand.Request.Priority, demand.TryNext()).ShouldBe((1, FetchPriority.Client, false));
    }

    private static BlobRequest Ask(RepositoryName repository) => new(Blob, repository);

    private static CallerLogin Login(string password) => new(Mine, new RegistryCredential("alice", password));

    private static async Task<Asker> JoinAsync(FetchDemand demand, string password)
    {
        await Task.Yield();
        CallerLogin.Current = Login(password);
        demand.Join(Ask(Mine));
        return Asker.Of(Mine);
    }
}

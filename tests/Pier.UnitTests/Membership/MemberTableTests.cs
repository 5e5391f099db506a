using System.Net;
using Pier.Content;
using Pier.Membership;
using Pier.Membership.Identity;
using Pier.Membership.Members;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Membership;

/// <summary>The member list on a hand-moved clock.</summary>
public class MemberTableTests
{
    private static readonly IPAddress Here = IPAddress.Parse("10.0.0.1");

    private readonly ManualTimeProvider clock = new();
    private readonly MemberTable table;

    public MemberTableTests() =>
        table = new MemberTable(Record(0), new MembershipOptions { StateFolder = "/nowhere", MaxMembers = 4 }, clock);

    [Fact]
    public void Silence_is_noticed_within_fifteen_seconds_and_a_word_brings_back()
    {
        table.Heard(Record(1), Here);
        for (var second = 0; second < 9; second++)
        {
            Pass(1);
        }

        LivenessOf(1).ShouldBe(Liveness.Live);
        Pass(2);
        LivenessOf(1).ShouldBe(Liveness.Dead);
        table.Current.Live.ShouldBeEmpty();
        table.Heard(Record(1), Here);
        LivenessOf(1).ShouldBe(Liveness.Live);
    }

    [Fact]
    public void Hearsay_keeps_nobody_alive()
    {
        table.Heard(Record(1), Here);
        for (var second = 0; second < 11; second++)
        {
            Pass(1);
            table.Learn([new MemberEntry(Record(1) with { Address = Here, Revision = second }, TimeSpan.Zero)]);
        }

        LivenessOf(1).ShouldBe(Liveness.Dead);
    }

    [Fact]
    public void A_newcomer_heard_of_elsewhere_has_its_chance_to_speak()
    {
        table.Learn([new MemberEntry(Record(1) with { Address = Here }, TimeSpan.FromSeconds(4)), new MemberEntry(Record(2) with { Address = Here }, TimeSpan.FromHours(1))]);
        LivenessOf(1).ShouldBe(Liveness.Live);
        LivenessOf(2).ShouldBe(Liveness.Dead);
        Pass(7);
        LivenessOf(1).ShouldBe(Liveness.Dead);
    }

    [Fact]
    public void An_open_address_is_the_one_it_is_seen_at()
    {
        table.Heard(Record(1), IPAddress.Parse("::ffff:10.0.0.9"));
        table.Current.Others[0].Endpoint.ShouldBe(new IPEndPoint(IPAddress.Parse("10.0.0.9"), 5059));
        table.Learn([new MemberEntry(Record(2), TimeSpan.Zero)]);
        table.Current.Find(Record(2).Id).ShouldBeNull();
    }

    [Fact]
    public void Newer_words_of_others_change_an_address_and_older_ones_do_not()
    {
        table.Heard(Record(1) with { Revision = 5 }, Here);
        table.Learn([new MemberEntry(Record(1) with { Revision = 4, Address = IPAddress.Parse("10.9.9.9") }, TimeSpan.Zero)]);
        table.Current.Others[0].Endpoint.Address.ShouldBe(Here);
        table.Learn([new MemberEntry(Record(1) with { Revision = 6, Address = IPAddress.Parse("10.9.9.9") }, TimeSpan.Zero)]);
        table.Current.Others[0].Endpoint.Address.ShouldBe(IPAddress.Parse("10.9.9.9"));
    }

    [Fact]
    public void The_list_has_a_bound_and_never_this_node()
    {
        table.Heard(Record(1), Here).ShouldBeTrue();
        table.Heard(Record(2), Here).ShouldBeTrue();
        table.Heard(Record(3), Here).ShouldBeTrue();
        table.Heard(Record(4), Here).ShouldBeFalse();
        table.Learn([new MemberEntry(Record(0) with { Address = Here }, TimeSpan.Zero)]);
        table.Current.Others.Length.ShouldBe(3);
        table.Heard(Record(2), Here).ShouldBeTrue();
    }

    [Fact]
    public void A_referee_that_spoke_just_now_is_given_more_time_than_one_that_may_be_gone()
    {
        table.PatienceWith(Record(1).Id).ShouldBe(TimeSpan.FromMilliseconds(300));
        table.Heard(Record(1), Here);
        Pass(4);
        table.PatienceWith(Record(1).Id).ShouldBe(TimeSpan.FromSeconds(2));
        Pass(1);
        table.PatienceWith(Record(1).Id).ShouldBe(TimeSpan.FromMilliseconds(300));
        table.Heard(Record(1), Here);
        table.PatienceWith(Record(1).Id).ShouldBe(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void A_member_silent_for_a_week_is_forgotten()
    {
        table.Heard(Record(1), Here);
        Pass(TimeSpan.FromDays(7).TotalSeconds - 1);
        table.Current.Others.Length.ShouldBe(1);
        Pass(2);
        table.Current.Others.ShouldBeEmpty();
    }

    [Fact]
    public void Versions_grow_with_changes_and_not_with_signs_of_life()
    {
        var first = table.Current.Version;
        var changed = table.ChangedSince(first);
        table.Heard(Record(1), Here);
        changed.IsCompletedSuccessfully.ShouldBeTrue();
        var second = table.Current.Version;
        Pass(3);
        table.Heard(Record(1), Here);
        table.Current.Version.ShouldBe(second);
        table.Current.Others[0].LastSeen.ShouldBe(clock.GetUtcNow());
        table.ChangedSince(second).IsCompleted.ShouldBeFalse();
        table.Leave(Record(1).Id);
        table.Current.Version.ShouldBe(second + 1);
        LivenessOf(1).ShouldBe(Liveness.Left);
    }

    [Fact]
    public void The_founder_referees_while_it_lives_and_then_all_agree_on_another()
    {
        var digest = Digest.Compute([1]);
        table.Current.RefereeOf(digest).Id.ShouldBe(table.Self.Id);
        table.Belong(Record(1).Id);
        table.Heard(Record(1), Here);
        table.Heard(Record(2), Here);
        table.Current.RefereeOf(digest).Id.ShouldBe(Record(1).Id);

        table.Leave(Record(1).Id);
        var other = new MemberTable(Record(2), new MembershipOptions { StateFolder = "/nowhere" }, clock);
        other.Belong(Record(1).Id);
        other.Heard(Record(0), Here);
        var chosen = new HashSet<NodeId>();
        for (byte i = 0; i < 40; i++)
        {
            var blob = Digest.Compute([i]);
            table.Current.RefereeOf(blob).Id.ShouldBe(other.Current.RefereeOf(blob).Id);
            chosen.Add(table.Current.RefereeOf(blob).Id);
        }

        chosen.Count.ShouldBe(2);
    }

    private static MemberRecord Record(byte seed) =>
        new(NodeId.OfPublicKey([seed]), $"node{seed}", IPAddress.Any, 5059, 5056, 1);

    private Liveness LivenessOf(byte seed) => table.Current.Find(Record(seed).Id)!.Liveness;

    private void Pass(double seconds)
    {
        clock.Advance(TimeSpan.FromSeconds(seconds));
        table.Tick();
    }
}

using Pier.Content;
using Pier.Membership.Identity;
using Pier.Membership.Turns;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Membership;

/// <summary>The referee's rules on a hand-moved clock.</summary>
public class TurnRefereeTests
{
    private static readonly NodeId A = Id(1);
    private static readonly NodeId B = Id(2);
    private static readonly NodeId C = Id(3);
    private static readonly Digest Blob = Digest.Compute([1]);

    private readonly ManualTimeProvider clock = new();
    private readonly TurnReferee referee;

    public TurnRefereeTests() => referee = new TurnReferee(new TurnOptions { MaxDigests = 8 }, clock);

    [Fact]
    public void While_the_holder_progresses_nobody_else_gets_a_turn()
    {
        Ask(A).IsGranted.ShouldBeTrue();
        for (var second = 1; second <= 60; second++)
        {
            Pass(1);
            referee.Renew(A, Blob, second, isWaiting: false).ShouldBeTrue();
            Ask(B).ShouldBe(new Ruling(A, IsDone: false));
        }
    }

    [Fact]
    public void Three_seconds_without_progress_give_a_second_turn_but_never_a_third()
    {
        Ask(A);
        Pass(2.9);
        Ask(B).IsGranted.ShouldBeFalse();
        Pass(0.1);
        Ask(B).IsGranted.ShouldBeTrue();
        Ask(C).Holder.ShouldBe(B);
        Pass(3);
        Ask(C).IsGranted.ShouldBeFalse();
        referee.Renew(A, Blob, 1, isWaiting: false);
        Ask(C).Holder.ShouldBe(A);
    }

    [Fact]
    public void Telling_the_same_progress_again_is_none()
    {
        Ask(A);
        referee.Renew(A, Blob, 10, isWaiting: false);
        Pass(3);
        referee.Renew(A, Blob, 10, isWaiting: false).ShouldBeTrue();
        Ask(B).IsGranted.ShouldBeTrue();
    }

    [Fact]
    public void A_lapsed_turn_goes_to_the_next_and_comes_back_only_with_new_bytes_and_room()
    {
        Ask(A);
        referee.Renew(A, Blob, 10, isWaiting: false);
        Pass(10);
        referee.Renew(A, Blob, 10, isWaiting: false).ShouldBeFalse();
        Ask(B).IsGranted.ShouldBeTrue();
        referee.Renew(A, Blob, 11, isWaiting: false).ShouldBeTrue();
        Pass(3);
        Ask(C).IsGranted.ShouldBeFalse();
        Pass(7);
        Ask(C).IsGranted.ShouldBeTrue();
        Pass(3);
        Ask(Id(4)).IsGranted.ShouldBeTrue();
        referee.Renew(A, Blob, 12, isWaiting: false).ShouldBeFalse();
    }

    [Fact]
    public void While_the_holder_waits_for_a_slow_upstream_nobody_else_gets_a_turn()
    {
        Ask(A);
        Wait(seconds: 60);

        // Its first bytes are progress like any, and then silence is none.
        referee.Renew(A, Blob, 1, isWaiting: false).ShouldBeTrue();
        Pass(2.9);
        Ask(B).Holder.ShouldBe(A);
        Pass(0.1);
        Ask(B).IsGranted.ShouldBeTrue();
    }

    [Fact]
    public void A_holder_that_died_while_it_waited_is_replaced_within_the_lease()
    {
        Ask(A);
        Wait(seconds: 30);

        Pass(2.9);
        Ask(B).Holder.ShouldBe(A);
        Pass(0.1);
        Ask(B).IsGranted.ShouldBeTrue();
        Wait(seconds: 7, holder: B);
        // Nothing of its turn is left: it is neither followed nor does it keep another from a second one.
        Ask(C, unreachable: B).IsGranted.ShouldBeTrue();
    }

    [Fact]
    public void After_a_restart_of_the_referee_the_word_that_it_still_waits_takes_the_turn_up_again()
    {
        referee.Renew(A, Blob, 0, isWaiting: true).ShouldBeTrue();
        Ask(B).Holder.ShouldBe(A);
    }

    [Fact]
    public void A_holder_that_cannot_be_reached_is_replaced_for_those_who_say_so()
    {
        Ask(A);
        Ask(B, unreachable: A).IsGranted.ShouldBeTrue();
        Ask(C, unreachable: A).Holder.ShouldBe(B);
        Ask(C, unreachable: B).Holder.ShouldBe(A);
    }

    [Fact]
    public void Asking_again_while_holding_is_granted_again()
    {
        Ask(A);
        Pass(9);
        Ask(A).IsGranted.ShouldBeTrue();
        Pass(9);
        referee.Renew(A, Blob, 1, isWaiting: false).ShouldBeTrue();
    }

    [Fact]
    public void Whoever_is_done_is_followed_until_it_cannot_be_reached_or_has_lost_the_blob()
    {
        Ask(A);
        referee.Release(A, Blob, TurnOutcome.Done);
        Ask(B).ShouldBe(new Ruling(A, IsDone: true));
        Ask(C, unreachable: A).IsGranted.ShouldBeTrue();

        referee.Release(C, Blob, TurnOutcome.Done);
        Ask(C).IsGranted.ShouldBeTrue();
    }

    [Fact]
    public void A_done_one_is_forgotten_after_a_while()
    {
        Ask(A);
        referee.Release(A, Blob, TurnOutcome.Done);
        Pass(119);
        Ask(B).IsDone.ShouldBeTrue();
        Pass(1);
        Ask(B).IsGranted.ShouldBeTrue();
    }

    [Fact]
    public void Nobody_is_believed_to_be_done_without_a_turn()
    {
        Ask(A);
        referee.Release(B, Blob, TurnOutcome.Done);
        Ask(C).ShouldBe(new Ruling(A, IsDone: false));
        referee.Release(B, Blob, TurnOutcome.Failed);
        Ask(C).ShouldBe(new Ruling(A, IsDone: false));
    }

    [Fact]
    public void A_failed_turn_goes_to_the_next_that_asks()
    {
        Ask(A);
        referee.Release(A, Blob, TurnOutcome.Failed);
        Ask(B).IsGranted.ShouldBeTrue();
        Ask(A).Holder.ShouldBe(B);
    }

    [Fact]
    public void After_a_restart_of_the_referee_progress_takes_the_turn_up_again()
    {
        referee.Renew(A, Blob, 500, isWaiting: false).ShouldBeTrue();
        Ask(B).Holder.ShouldBe(A);
    }

    [Fact]
    public void The_table_stays_within_its_bound_and_drains()
    {
        for (var i = 0; i < 1000; i++)
        {
            referee.Ask(A, Digest.Compute(BitConverter.GetBytes(i)), default);
            referee.Count.ShouldBeLessThanOrEqualTo(8);
        }

        Pass(60);
        for (var i = 2000; i < 2008; i++)
        {
            referee.Ask(A, Digest.Compute(BitConverter.GetBytes(i)), default);
            referee.Release(A, Digest.Compute(BitConverter.GetBytes(i)), TurnOutcome.Failed);
        }

        referee.Count.ShouldBeLessThanOrEqualTo(2);
    }

    /// <summary>Random histories against the one promise that costs money: never more than two running turns.</summary>
    [Fact]
    public void No_history_grants_three_turns_at_once()
    {
        var random = new Random(7);
        var until = new Dictionary<NodeId, DateTimeOffset>();
        for (var step = 0; step < 20_000; step++)
        {
            var node = Id((byte)random.Next(1, 7));
            switch (random.Next(4))
            {
                case 0 when Ask(node, random.Next(3) == 0 ? Id((byte)random.Next(1, 7)) : default).IsGranted:
                    until[node] = clock.GetUtcNow().AddSeconds(10);
                    break;
                case 1 when referee.Renew(node, Blob, step, isWaiting: random.Next(2) == 0):
                    until[node] = clock.GetUtcNow().AddSeconds(10);
                    break;
                case 2 when random.Next(3) == 0:
                    referee.Release(node, Blob, random.Next(4) == 0 ? TurnOutcome.Done : TurnOutcome.Failed);
                    until.Remove(node);
                    break;
                default:
                    Pass(random.NextDouble() * 2);
                    break;
            }

            until.Values.Count(end => end > clock.GetUtcNow()).ShouldBeLessThanOrEqualTo(2);
        }
    }

    private static NodeId Id(byte seed) => NodeId.OfPublicKey([seed]);

    private Ruling Ask(NodeId asker, NodeId unreachable = default) => referee.Ask(asker, Blob, unreachable);

    /// <summary>A holder says each second that it waits; whoever else asks is sent to it.</summary>
    private void Wait(int seconds, NodeId? holder = null)
    {
        for (var second = 1; second <= seconds; second++)
        {
            Pass(1);
            referee.Renew(holder ?? A, Blob, 0, isWaiting: true).ShouldBeTrue();
            Ask(Id((byte)(10 + second))).Holder.ShouldBe(holder ?? A);
        }
    }

    private void Pass(double seconds) => clock.Advance(TimeSpan.FromSeconds(seconds));
}

using System.Net;
using Pier.Content;
using Pier.Membership;
using Pier.Membership.Holdings;
using Pier.Membership.Identity;
using Pier.Membership.Members;

namespace Pier.UnitTests.Membership.Holdings;

/// <summary>The own journal and what is made of the others' words, without a network.</summary>
public sealed class HoldingsBoardTests
{
    private static readonly NodeId Other = NodeId.OfPublicKey("other"u8);
    private static readonly Digest[] Blobs = [.. Enumerable.Range(0, 10).Select(number => Digest.Compute([(byte)number]))];

    private readonly HoldingsJournal _theirs = new();
    private readonly HoldingsBoard _board = new(new HoldingsJournal(), new Cluster());

    [Fact]
    public void A_member_is_followed_by_changes_alone()
    {
        _theirs.Add(Blobs[0]);
        _theirs.Add(Blobs[1]);
        Follow().IsWhole.ShouldBeTrue();
        _theirs.Add(Blobs[2]);
        _theirs.Remove(Blobs[0]);
        _theirs.Add(Blobs[3]);
        _theirs.Remove(Blobs[3]);

        var delta = Follow();

        delta.IsWhole.ShouldBeFalse();
        (delta.Added.Count, delta.Removed.Count).ShouldBe((1, 2), "what came and went is told as gone");
        Blobs.Where(blob => _board.ClaimedBy(blob).Count == 1).ShouldBe([Blobs[1], Blobs[2]]);
        _board.TellsAll(Other).ShouldBeTrue();
        Follow().Added.ShouldBeEmpty();
    }

    [Fact]
    public void After_too_many_changes_or_a_restart_everything_is_told_anew()
    {
        _theirs.Add(Blobs[0]);
        Follow();
        for (var round = 0; round < 2500; round++)
        {
            _theirs.Add(Blobs[1]);
            _theirs.Remove(Blobs[1]);
        }

        Follow().IsWhole.ShouldBeTrue();
        var restarted = new HoldingsJournal();
        restarted.Add(Blobs[5]);

        var known = _board.KnownOf(Other);
        var told = restarted.Since(known);
        told.IsWhole.ShouldBeTrue();
        _board.Take(Other, known, told).ShouldBeTrue();
        Blobs.Where(blob => _board.ClaimedBy(blob).Count == 1).ShouldBe([Blobs[5]]);
    }

    [Fact]
    public void Changes_to_what_is_not_known_are_refused_and_the_member_counts_as_unknown()
    {
        _theirs.Add(Blobs[0]);
        Follow();
        var before = _board.KnownOf(Other);
        _theirs.Add(Blobs[1]);
        Follow();

        _board.Take(Other, before, _theirs.Since(before)).ShouldBeFalse();

        _board.ClaimedBy(Blobs[0]).ShouldBeEmpty();
        _board.TellsAll(Other).ShouldBeFalse();
        Follow().IsWhole.ShouldBeTrue();
    }

    [Fact]
    public void A_member_cannot_make_this_node_remember_without_bound()
    {
        var version = new HoldingsVersion(7, 1);
        ulong[] many = [.. Enumerable.Range(0, HoldingsDelta.MaxKeys).Select(key => (ulong)key)];
        _board.Take(Other, default, new HoldingsDelta(version, many, []) { IsWhole = true }).ShouldBeTrue();

        _board.Take(Other, version, new HoldingsDelta(version with { Number = 2 }, [.. many.Select(key => key + 1_000_000)], [])).ShouldBeFalse();

        _board.TellsAll(Other).ShouldBeFalse();
    }

    [Fact]
    public void Who_holds_too_much_to_tell_says_so_and_claims_nothing()
    {
        for (var number = 0; number <= HoldingsDelta.MaxKeys; number++)
        {
            _theirs.Add(Digest.Compute(BitConverter.GetBytes(number)));
        }

        Follow().IsTruncated.ShouldBeTrue();
        _board.TellsAll(Other).ShouldBeFalse();
        _board.ClaimedBy(Digest.Compute(BitConverter.GetBytes(1))).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_look_over_the_store_corrects_what_was_told_but_not_what_changed_meanwhile()
    {
        var journal = new HoldingsJournal();
        var board = new HoldingsBoard(journal, new Cluster());
        board.Add(Blobs[0]);
        board.Add(Blobs[1]);

        await board.ReplaceAsync(() =>
        {
            // Blob 1 was removed by hand and blob 2 imported; blob 3 is sealed and blob 4 evicted during the look.
            board.Add(Blobs[3]);
            board.Add(Blobs[4]);
            board.Remove(Blobs[4]);
            return Task.FromResult<IReadOnlyCollection<Digest>>([Blobs[0], Blobs[2], Blobs[4]]);
        });

        journal.Since(default).Added.ShouldBe(new[] { Blobs[0], Blobs[2], Blobs[3] }.Select(HoldingsDelta.KeyOf), ignoreOrder: true);
    }

    [Fact]
    public void A_member_that_left_the_list_is_forgotten()
    {
        _theirs.Add(Blobs[0]);
        Follow();

        _board.Keep(MemberSnapshot.Alone(Cluster.Node("self")));

        _board.KnownOf(Other).ShouldBe(default);
    }

    [Fact]
    public void All_agree_on_who_keeps_a_blob()
    {
        Member[] holders = [Cluster.Node("a"), Cluster.Node("b"), Cluster.Node("c")];
        foreach (var blob in Blobs)
        {
            MemberSnapshot.KeeperOf(blob, holders).Id.ShouldBe(MemberSnapshot.KeeperOf(blob, holders.Reverse()).Id);
        }

        Blobs.Select(blob => MemberSnapshot.KeeperOf(blob, holders).Id).Distinct().Count().ShouldBeGreaterThan(1);
    }

    private HoldingsDelta Follow()
    {
        var known = _board.KnownOf(Other);
        var delta = HoldingsDelta.Parse(_theirs.Since(known).Write())!;
        _board.Take(Other, known, delta).ShouldBeTrue();
        return delta;
    }

    private sealed class Cluster : IMembership
    {
        public MemberSnapshot Current { get; } = new(1, Node("self"), [Node("other")], Other);

        public ReadOnlyMemory<byte> SwarmKey => default;

        public IAsyncEnumerable<MemberSnapshot> WatchAsync(CancellationToken cancellationToken) => AsyncEnumerable.Empty<MemberSnapshot>();

        public static Member Node(string name) => new(
            NodeId.OfPublicKey(System.Text.Encoding.UTF8.GetBytes(name)), name, new IPEndPoint(IPAddress.Loopback, 5059), null, default, Liveness.Live);
    }
}

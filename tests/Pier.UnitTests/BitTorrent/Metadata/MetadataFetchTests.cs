using Pier.BitTorrent.Metadata;
using Pier.BitTorrent.Wire;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Metadata;

/// <summary>Gathering an info dictionary from peers that help, lie, refuse and leave.</summary>
public sealed class MetadataFetchTests
{
    private const int Piece = MetadataMessage.PieceSize;

    private readonly ManualTimeProvider _clock = new();

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(1 << 20)]
    [InlineData(long.MaxValue)]
    public void Sizes_that_cannot_be_are_not_believed(long size) => Fetch().Offer("a", size).ShouldBeFalse();

    [Fact]
    public void Peers_that_claim_the_same_size_share_the_pieces()
    {
        var fetch = Fetch();
        fetch.Offer("a", 6L * Piece).ShouldBeTrue();
        fetch.Offer("b", 6L * Piece).ShouldBeTrue();
        fetch.NextRequests("a").ShouldBe([0, 1, 2, 3]);
        fetch.NextRequests("b").ShouldBe([4, 5]);
        fetch.NextRequests("stranger").ShouldBeEmpty();
        foreach (var piece in Enumerable.Range(0, 5))
        {
            fetch.Receive(piece < 4 ? "a" : "b", piece, Data(piece, Piece)).ShouldBeNull();
        }

        var (info, contributors) = fetch.Receive("b", 5, Data(5, Piece))!.Value;
        contributors.ShouldBe(["a", "b"], ignoreOrder: true);
        info.Length.ShouldBe(6 * Piece);
        info[5 * Piece].ShouldBe((byte)5);
    }

    [Fact]
    public void The_last_piece_is_as_long_as_the_size_says()
    {
        var fetch = Fetch();
        fetch.Offer("a", Piece + 1);
        fetch.NextRequests("a");
        Should.Throw<WireException>(() => fetch.Receive("a", 1, Data(1, 2)));
        fetch.Receive("a", 1, Data(1, 1)).ShouldBeNull();
        fetch.Receive("a", 0, Data(0, Piece))!.Value.Info.Length.ShouldBe(Piece + 1);
    }

    [Fact]
    public void After_a_common_failure_each_is_asked_for_the_whole()
    {
        var fetch = Fetch();
        fetch.Offer("a", Piece);
        fetch.Offer("b", Piece);
        fetch.Failed();
        fetch.NextRequests("a").ShouldBe([0]);
        fetch.NextRequests("b").ShouldBe([0]);
        fetch.Receive("b", 0, Data(0, Piece))!.Value.Contributors.ShouldBe(["b"]);
    }

    [Fact]
    public void While_the_whole_is_checked_nobody_is_asked_for_it_again()
    {
        var fetch = Fetch();
        fetch.Offer("a", Piece);
        fetch.Offer("b", Piece);
        fetch.NextRequests("a").ShouldBe([0]);
        fetch.Receive("a", 0, Data(0, Piece)).ShouldNotBeNull();
        fetch.NextRequests("a").ShouldBeEmpty();
        fetch.NextRequests("b").ShouldBeEmpty();
        _clock.Advance(TimeSpan.FromSeconds(11));
        fetch.Tick();
        fetch.NextRequests("b").ShouldBeEmpty();
        fetch.Receive("b", 0, Data(0, Piece)).ShouldBeNull();
        fetch.Failed();
        fetch.NextRequests("b").ShouldBe([0]);
    }

    [Fact]
    public void What_a_peer_leaves_or_keeps_too_long_is_asked_of_others()
    {
        var fetch = Fetch();
        fetch.Offer("a", Piece);
        fetch.Offer("b", Piece);
        fetch.NextRequests("a").ShouldBe([0]);
        fetch.NextRequests("b").ShouldBeEmpty();
        fetch.Left("a");
        fetch.NextRequests("b").ShouldBe([0]);
        _clock.Advance(TimeSpan.FromSeconds(11));
        fetch.Offer("c", Piece);
        fetch.Tick();
        fetch.NextRequests("c").ShouldBe([0]);
    }

    private MetadataFetch Fetch() => new(maxBytes: 1 << 19, _clock);

    private static byte[] Data(int fill, int length)
    {
        var data = new byte[length];
        Array.Fill(data, (byte)fill);
        return data;
    }
}

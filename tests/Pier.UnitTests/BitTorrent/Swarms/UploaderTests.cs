using System.Buffers;
using System.Net;
using Pier.BitTorrent.Choking;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Swarms.Blocks;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Wire;
using Pier.TestKit.Time;
using Pier.UnitTests.BitTorrent.Storage;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>Who is served while the line is another torrent's, and what brings a torrent to give or to claim it.</summary>
public sealed class UploaderTests : IDisposable
{
    private const int PieceLength = 16_384;
    private const int Pieces = 16;

    private readonly ManualTimeProvider _clock = new();
    private readonly SpreadingSwarms _swarms = new();
    private readonly QuietServices _services = new();
    private readonly List<PeerSession> _sessions = [];
    private readonly PieceBoard _board = new(PieceGrid.Uniform(PieceLength, Pieces * PieceLength), new PieceMemory(long.MaxValue, ArrayPool<byte>.Shared));
    private readonly Uploader _uploader;

    public UploaderTests()
    {
        for (var piece = 0; piece < Pieces; piece++)
        {
            _board.Finish(piece);
        }

        var metainfo = Engines.BlobOf(Engines.RandomBytes(PieceLength));
        var port = new SwarmPort(SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Empty(PieceLength))), _services.Engine);
        _uploader = new Uploader(port, _sessions, new Random(1));
        _uploader.Hold(_board.Have);
    }

    private IEnumerable<PeerSession> Served => _sessions.Where(session => !session.Link.Outbox.IsChoked);

    public void Dispose() => _services.Dispose();

    [Fact]
    public void Who_gives_way_serves_one_peer_and_another_when_that_one_leaves()
    {
        var suggester = Suggester(offersAll: false);
        for (var number = 0; number < 8; number++)
        {
            // All pieces are out.
            Arrive(number, holds: [number, number + 8]);
        }

        _uploader.Tick(seeding: true);
        Served.Count().ShouldBe(8, "all have a place, and nobody is left to be served at random");

        _swarms.Enter();
        suggester.Tick();
        var kept = Served.ShouldHaveSingleItem();

        Arrive(8, holds: []);
        Served.ShouldHaveSingleItem();
        _sessions.Remove(kept);
        _uploader.Left(kept);
        Served.ShouldHaveSingleItem().ShouldNotBe(kept);

        _swarms.Leave();
        suggester.Tick();
        Served.Count().ShouldBe(8);
    }

    [Fact]
    public void Peers_that_come_and_go_and_take_nothing_do_not_keep_a_torrent_spreading()
    {
        var suggester = Suggester(offersAll: true);
        for (var number = 0; number < 8; number++)
        {
            Arrive(number, holds: []);
        }

        suggester.Tick();
        _swarms.Any.ShouldBeTrue();
        for (var second = 0; second < 6; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            var gone = _sessions[second];
            suggester.Left(gone);
            suggester.Suggest(gone);
            suggester.Tick();
        }

        _swarms.Any.ShouldBeFalse();
    }

    [Fact]
    public void Two_get_their_first_pieces_and_more_are_served_as_pieces_are_seen()
    {
        var suggester = Suggester(offersAll: true);
        for (var number = 0; number < 7; number++)
        {
            Arrive(number, holds: []);
        }

        Served.Count().ShouldBe(2);
        suggester.Got(_sessions[0], 0);
        suggester.Got(_sessions[1], 1);
        Served.Count().ShouldBe(4);
        suggester.Got(_sessions[2], 0);
        Served.Count().ShouldBe(5, "a second copy can be passed on, too");
    }

    [Fact]
    public void Who_says_nothing_of_first_pieces_holds_up_the_others_for_a_second()
    {
        var suggester = Suggester(offersAll: true);
        for (var number = 0; number < 7; number++)
        {
            Arrive(number, holds: []);
        }

        suggester.Tick();
        Served.Count().ShouldBe(2);
        _clock.Advance(TimeSpan.FromSeconds(1));
        suggester.Tick();
        Served.Count().ShouldBe(7);
    }

    [Fact]
    public void Who_got_its_pieces_from_others_serves_all_that_it_has_pieces_for()
    {
        Suggester(offersAll: false);
        for (var number = 0; number < 7; number++)
        {
            Arrive(number, holds: []);
        }

        Served.Count().ShouldBe(7);
    }

    [Fact]
    public void Pieces_are_suggested_in_order()
    {
        var suggester = Suggester(offersAll: true);
        Arrive(0, holds: []);
        Arrive(1, holds: []);
        suggester.Suggest(_sessions[0]);
        int[] first = [.. SuggestedTo(_sessions[1]), .. SuggestedTo(_sessions[0])];
        first.ShouldBe(Enumerable.Range(0, first.Length));
    }

    [Fact]
    public void Pieces_are_suggested_at_random_once_somebody_gives_what_we_did_not()
    {
        var suggester = Suggester(offersAll: true);
        Arrive(0, holds: []);
        _board.AddPiece(_sessions[0].Pieces!, Pieces - 1);
        suggester.Got(_sessions[0], Pieces - 1);
        Arrive(1, holds: []);
        var suggested = SuggestedTo(_sessions[1]);
        suggested.Length.ShouldBeGreaterThan(4);
        suggested.SequenceEqual(suggested.Order()).ShouldBeFalse();
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void With_the_last_suggestions_the_one_about_to_be_served_is_judged_again(bool othersHaveThem, int toldToBegin)
    {
        var suggester = Suggester(offersAll: true);
        Arrive(0, holds: []);
        Arrive(1, holds: []);
        var unseen = Enumerable.Range(0, Pieces).Except(SuggestedTo(_sessions[1])).ToArray();
        for (var number = 2; number < 8; number++)
        {
            // One at most is left that nobody has: it is suggested to the next, or nothing is.
            Arrive(number, holds: number == 2 ? othersHaveThem ? unseen : unseen[..^1] : []);
        }

        suggester.Got(_sessions[1], 0);

        var told = _sessions.Skip(2).SelectMany(MessagesTo).ToArray();
        told.Count(id => id == MessageId.SuggestPiece).ShouldBe(toldToBegin);
        told.Count(id => id == MessageId.Unchoke).ShouldBe(toldToBegin);
        _swarms.Any.ShouldBeTrue("it spreads, and all pieces are out or suggested");
    }

    [Theory]
    [InlineData(PieceLength, true)]
    [InlineData(0, false)]
    public void Who_says_that_it_got_a_piece_must_have_been_sent_as_much(int sent, bool counts)
    {
        var suggester = Suggester(offersAll: true);
        for (var number = 0; number < 8; number++)
        {
            Arrive(number, holds: []);
        }

        suggester.Tick();
        _clock.Advance(TimeSpan.FromSeconds(4));
        var peer = _sessions[1];
        ((QuietLink)peer.Link).Uploaded = sent;
        for (var piece = 0; piece < Pieces; piece++)
        {
            suggester.Got(peer, piece);
        }

        _clock.Advance(TimeSpan.FromSeconds(4));
        suggester.Tick();
        _swarms.Any.ShouldBe(counts);
    }

    private static MessageId[] MessagesTo(PeerSession session)
    {
        var ids = new List<MessageId>();
        var reader = new WireReader(((PeerOutbox)session.Link.Outbox).TakeMessages().Span);
        while (reader.TryRead(out var message))
        {
            ids.Add(message.Id);
        }

        return [.. ids];
    }

    private static int[] SuggestedTo(PeerSession session)
    {
        var suggested = new List<int>();
        var reader = new WireReader(((PeerOutbox)session.Link.Outbox).TakeMessages().Span);
        while (reader.TryRead(out var message))
        {
            if (message.Id == MessageId.SuggestPiece)
            {
                suggested.Add(message.ReadPieceIndex(Pieces));
            }
        }

        return [.. suggested];
    }

    private Suggester Suggester(bool offersAll)
    {
        var suggester = new Suggester(_board, _sessions, new Random(1), new Spreading(_board, _swarms, _clock), offersAll);
        _uploader.Follow(suggester);
        _uploader.Hold(_board.Have);
        return suggester;
    }

    private void Arrive(int number, int[] holds)
    {
        var session = new PeerSession(new QuietLink(new IPEndPoint(new IPAddress([10, 0, 0, (byte)number]), 5056)), PeerSource.Told)
        {
            Pieces = new Bitfield(Pieces),
        };
        foreach (var piece in holds)
        {
            session.Pieces.Add(piece);
        }

        _board.AddPeer(session.Pieces);
        _sessions.Add(session);
        _uploader.Interested(session);
    }
}

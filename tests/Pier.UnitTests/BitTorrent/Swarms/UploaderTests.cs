using System.Buffers;
using System.Net;
using Pier.BitTorrent.Choking;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Swarms.Blocks;
using Pier.BitTorrent.Swarms.Meeting;
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
        }

        _swarms.Any.ShouldBeFalse();
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
        var peer = _sessions[0];
        ((QuietLink)peer.Link).Uploaded = sent;
        for (var piece = 0; piece < Pieces; piece++)
        {
            suggester.Got(peer, piece);
        }

        _clock.Advance(TimeSpan.FromSeconds(4));
        suggester.Tick();
        _swarms.Any.ShouldBe(counts);
    }

    private Suggester Suggester(bool offersAll)
    {
        var suggester = new Suggester(_board, _sessions, new Random(1), new Spreading(_board, _swarms, _clock), offersAll);
        _uploader.Follow(suggester);
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

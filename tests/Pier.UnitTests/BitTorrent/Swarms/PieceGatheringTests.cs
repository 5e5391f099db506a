using System.Buffers;
using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Swarms.Blocks;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;
using Pier.Content;
using Pier.TestKit.Time;
using Pier.UnitTests.BitTorrent.Storage;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>When complete pieces are held back to be hashed side by side, and what comes of it.</summary>
public sealed class PieceGatheringTests
{
    private const int PieceLength = 256 << 10;
    private const int Pieces = 64;

    private static readonly byte[] Bytes = Engines.RandomBytes(Pieces * PieceLength);
    private static readonly Metainfo Torrent = V1Twin.Of(Engines.BlobOf(Bytes))!;

    private readonly ManualTimeProvider _time = new();
    private readonly PieceMemory _memory = new(long.MaxValue, ArrayPool<byte>.Shared);
    private readonly PieceBoard _board = new(PieceGrid.Uniform(PieceLength, (long)Pieces * PieceLength), new PieceMemory(long.MaxValue, ArrayPool<byte>.Shared));
    private readonly PieceHasherPool _hashers = new(Torrent);
    private readonly MemoryStorage _storage = MemoryStorage.Empty(Bytes.Length);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Sixteen_pieces_are_held_once_sixteen_have_come_fast()
    {
        var gathering = new PieceGathering(_time, _board);
        Hold(gathering, 16, TimeSpan.FromMilliseconds(1)).ShouldBe(0);
        Hold(gathering, 15, TimeSpan.FromMilliseconds(1)).ShouldBe(15);
        gathering.TakeFull().ShouldBeNull();
        Hold(gathering, 1, TimeSpan.FromMilliseconds(1)).ShouldBe(1);
        gathering.TakeFull()!.Count.ShouldBe(16);
        gathering.Take().ShouldBeNull();
    }

    [Fact]
    public void Slow_pieces_are_never_held() =>
        Hold(new PieceGathering(_time, _board), 40, TimeSpan.FromMilliseconds(10)).ShouldBe(0);

    [Fact]
    public void What_is_held_is_overdue_when_no_more_come()
    {
        var gathering = new PieceGathering(_time, _board);
        Hold(gathering, 20, TimeSpan.FromMilliseconds(1)).ShouldBe(4);
        gathering.IsOverdue.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(60));
        gathering.IsOverdue.ShouldBeTrue();
        gathering.Take()!.IsWorthwhile.ShouldBeFalse();
        gathering.IsOverdue.ShouldBeFalse();
    }

    [Fact]
    public void The_last_pieces_are_not_held()
    {
        for (var piece = 0; piece < Pieces - 16; piece++)
        {
            _board.Finish(piece);
        }

        Hold(new PieceGathering(_time, _board), 40, TimeSpan.FromMilliseconds(1)).ShouldBe(0);
    }

    [Fact]
    public async Task Each_piece_of_a_batch_is_judged_alone()
    {
        if (!WideSha1.IsSupported)
        {
            return;
        }

        await using var verifier = new PieceVerifier(2);
        verifier.TakesBatches.ShouldBeTrue();
        var outcomes = new List<PieceOutcome>();
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var batch = new PieceBatch([]);
        for (var piece = 0; piece < 16; piece++)
        {
            batch.Add(Job(piece, isBad: piece == 5) with { Report = Told });
        }

        verifier.TryQueue(batch[0] with { Batch = batch }).ShouldBeTrue();
        await all.Task.WaitAsync(Engines.Deadline, Token);
        outcomes.Select(outcome => outcome.Piece).ShouldBe(Enumerable.Range(0, 16));
        outcomes.Where(outcome => !outcome.Passed).Select(outcome => outcome.Piece).ShouldBe([5]);
        outcomes[5].Evidence.ShouldNotBeNull();
        _storage.Bytes.AsSpan(6 * PieceLength, PieceLength).SequenceEqual(Bytes.AsSpan(6 * PieceLength, PieceLength)).ShouldBeTrue();
        _storage.Bytes.AsSpan(5 * PieceLength, PieceLength).ContainsAnyExcept((byte)0).ShouldBeFalse();

        ValueTask Told(PieceOutcome outcome)
        {
            outcomes.Add(outcome);
            if (outcomes.Count == 16)
            {
                all.SetResult();
            }

            return ValueTask.CompletedTask;
        }
    }

    [Fact]
    public void A_reader_waits_for_no_piece_that_is_held()
    {
        var verifier = new QueueOfPieces();
        using var services = new QuietServices(verifier: verifier);
        var engine = services.Engine with { Time = _time };
        var port = new SwarmPort(SwarmSpec.For(Torrent, Engines.Holding(_storage)), engine);
        var content = new TorrentContent(Torrent, _board.Grid, _board.Have, _storage);
        var checker = new PieceChecker(port, engine, content, _board);
        List<PeerSession> sessions = [];
        var downloader = new Downloader(port, sessions, _board, engine.Picker(port.Windows, new Random(1)), checker.Check);
        var selection = new PieceSelection(_board, Torrent.Layout, port.Windows, new PeerInterest(_board, sessions), downloader, checker);
        for (var piece = 0; piece < 20; piece++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            checker.Check(piece, Job(piece).Buffer);
        }

        verifier.Pieces.ShouldBe(Enumerable.Range(0, 16));
        _ = port.Windows.Open(new ByteRange(17L * PieceLength, PieceLength));
        selection.WindowsMoved();
        verifier.Pieces.ShouldBe(Enumerable.Range(0, 20));
    }

    private int Hold(PieceGathering gathering, int pieces, TimeSpan apart)
    {
        var held = 0;
        for (var piece = 0; piece < pieces; piece++)
        {
            _time.Advance(apart);
            held += gathering.TryHold(Job(piece), underWay: 1) ? 1 : 0;
        }

        return held;
    }

    private PieceJob Job(int piece, bool isBad = false)
    {
        var buffer = _memory.TryRent(PieceLength, WireLimits.BlockSize, mayExceed: false)!;
        for (var block = 0; block < buffer.BlockCount; block++)
        {
            var data = Bytes.AsSpan(piece * PieceLength + block * WireLimits.BlockSize, WireLimits.BlockSize).ToArray();
            data[0] ^= (byte)(isBad && block == 3 ? 1 : 0);
            buffer.TryClaim(block, new PeerOrigin(new(System.Net.IPAddress.Loopback, 1), default));
            buffer.Write(block, data);
        }

        return new PieceJob(piece, (long)piece * PieceLength, buffer, _hashers, _storage, [], _ => ValueTask.CompletedTask);
    }

    private sealed class QueueOfPieces : IPieceVerifier
    {
        public List<int> Pieces { get; } = [];

        public bool TakesBatches => true;

        public bool TryQueue(PieceJob job)
        {
            Pieces.Add(job.Piece);
            return true;
        }
    }
}

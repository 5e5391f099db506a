using System.Buffers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Swarms.Blocks;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;
using Pier.TestKit.Time;
using Pier.UnitTests.BitTorrent.Storage;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>What becomes of complete pieces when their torrent stops before they are checked.</summary>
public sealed class PieceCheckerTests
{
    private const int PieceLength = 256 << 10;
    private const int Pieces = 64;
    private const int Complete = 40;

    private static readonly Metainfo Torrent = V1Twin.Of(Engines.BlobOf(Engines.RandomBytes(Pieces * PieceLength)))!;

    private readonly ManualTimeProvider _time = new();
    private readonly PieceMemory _memory = new(long.MaxValue, ArrayPool<byte>.Shared);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void All_memory_is_given_back(bool inBatches)
    {
        var verifier = new BusyVerifier(inBatches);
        using var services = new QuietServices(verifier: verifier, time: _time);
        var storage = MemoryStorage.Empty(Pieces * PieceLength);
        var port = new SwarmPort(SwarmSpec.For(Torrent, Engines.Holding(storage)), services.Engine);
        var board = new PieceBoard(PieceGrid.Uniform(PieceLength, (long)Pieces * PieceLength), _memory);
        var checker = new PieceChecker(port, services.Engine, new TorrentContent(Torrent, board.Grid, board.Have, storage), board);
        for (var piece = 0; piece < Complete; piece++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            checker.Check(piece, _memory.TryRent(PieceLength, WireLimits.BlockSize, mayExceed: false)!);
        }

        // Sixteen come alone, sixteen in a batch that finds no room, and eight are held for the next.
        verifier.RefusedBatch.ShouldBe(inBatches);
        _memory.Lent.ShouldBe((inBatches ? Complete - 16 : Complete) * PieceLength);

        checker.Close();
        _memory.Lent.ShouldBe(0);
    }

    /// <summary>Has no room, but for single pieces where others are to be hashed side by side; forgets what it takes.</summary>
    private sealed class BusyVerifier(bool takesBatches) : IPieceVerifier
    {
        public bool TakesBatches => takesBatches;

        public bool RefusedBatch { get; private set; }

        public bool TryQueue(PieceJob job)
        {
            if (takesBatches && job.Batch is null)
            {
                job.Buffer.Recycle();
                return true;
            }

            RefusedBatch |= job.Batch is not null;
            return false;
        }
    }
}

using Pier.BitTorrent.Encryption;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.Content;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>What a transfer allocates for each block, on both sides together, once it is under way: nothing.</summary>
[CollectionDefinition(nameof(BlockAllocationTests), DisableParallelization = true)]
[Collection(nameof(BlockAllocationTests))]
public sealed class BlockAllocationTests
{
    private const int Length = 64 << 20;
    private const int Block = 16 * 1024;
    private const int Budget = 24;
    private const int Rounds = 16;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_block_on_its_way_takes_no_memory()
    {
        await using var engines = new Engines();
        var options = Engines.Options with { Encryption = EncryptionPolicy.Off };
        var seeder = await engines.StartAsync(options);
        var leecher = await engines.StartAsync(options);

        // The first warms the code and takes the arrays of pieces; a later one may need more of them than any before, and what else lives
        // in this process allocates, too. What blocks take shows in each.
        var least = double.MaxValue;
        for (var round = 0; round < Rounds && least >= Budget; round++)
        {
            var perBlock = await TransferAsync(engines, seeder, leecher, seed: round);
            least = round == 0 ? least : Math.Min(least, perBlock);
        }

        least.ShouldBeLessThan(Budget);
    }

    /// <summary>Bytes allocated for each block of the middle of a transfer.</summary>
    private static async Task<double> TransferAsync(Engines engines, BitTorrentEngine seeder, BitTorrentEngine leecher, int seed)
    {
        var bytes = Engines.RandomBytes(Length, seed);
        var metainfo = Engines.BlobOf(bytes);
        await engines.SeedAsync(seeder, metainfo, bytes);
        var storage = new MeasuringStorage();
        var swarm = await leecher.AddAsync(
            SwarmSpec.For(metainfo, (_, _) => ValueTask.FromResult<ITorrentStorage>(storage)) with { Peers = [seeder.ListenEndPoint] }, Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
        return storage.PerBlock;
    }

    /// <summary>Keeps nothing, and looks at what was allocated when a quarter and when nine tenths have come.</summary>
    private sealed class MeasuringStorage : ITorrentStorage
    {
        private long _written;
        private (long Written, long Allocated) _first;
        private (long Written, long Allocated) _last;

        public bool IsSealed => false;

        public IReadOnlyList<ByteRange> Held => [];

        public double PerBlock => (_last.Allocated - _first.Allocated) / ((_last.Written - _first.Written) / (double)Block);

        public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> verified, CancellationToken cancellationToken)
        {
            var before = Interlocked.Add(ref _written, verified.Length) - verified.Length;
            if (before < Length / 4 && before + verified.Length >= Length / 4)
            {
                _first = (before + verified.Length, GC.GetTotalAllocatedBytes(precise: true));
            }
            else if (before < Length / 10 * 9 && before + verified.Length >= Length / 10 * 9)
            {
                _last = (before + verified.Length, GC.GetTotalAllocatedBytes(precise: true));
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask CompleteAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

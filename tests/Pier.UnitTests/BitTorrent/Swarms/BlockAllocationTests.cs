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

    // Less than the smallest object for each piece of 256 KiB.
    private const double Budget = 1;
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
        // in this process allocates, too. What blocks or pieces take shows in each, and in each spell.
        var least = double.MaxValue;
        for (var round = 0; round < Rounds && least >= Budget; round++)
        {
            var perBlock = await TransferAsync(engines, seeder, leecher, seed: round);
            least = round == 0 ? least : Math.Min(least, perBlock);
        }

        least.ShouldBeLessThan(Budget);
    }

    /// <summary>Bytes allocated for each block in most spells of the middle of a transfer.</summary>
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

    /// <summary>Keeps nothing, and looks at what was allocated with each 2 MiB from a quarter to nine tenths.</summary>
    private sealed class MeasuringStorage : ITorrentStorage
    {
        private const long Spell = 2 << 20;

        private readonly Lock _gate = new();
        private readonly List<double> _perBlock = new((int)(Length / Spell));
        private long _written;
        private (long Written, long Allocated)? _last;

        public bool IsSealed => false;

        public IReadOnlyList<ByteRange> Held => [];

        public double PerBlock
        {
            get
            {
                lock (_gate)
                {
                    return _perBlock.Order().ElementAt(_perBlock.Count / 2);
                }
            }
        }

        public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> verified, CancellationToken cancellationToken)
        {
            lock (_gate)
            {
                _written += verified.Length;
                if (_written >= Length / 4 && _written <= Length / 10 * 9 && !(_written - _last?.Written < Spell))
                {
                    Look();
                }
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask CompleteAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private void Look()
        {
            var allocated = GC.GetTotalAllocatedBytes(precise: true);
            if (_last is { } before)
            {
                _perBlock.Add((allocated - before.Allocated) / ((_written - before.Written) / (double)Block));
            }

            _last = (_written, allocated);
        }
    }
}

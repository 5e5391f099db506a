using System.Threading.Channels;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.WebSeeds;

/// <summary>The blocks that a web seed is asked for. One side adds and cancels, the other takes runs.</summary>
/// <param name="grid">The torrent's pieces.</param>
/// <param name="maxQueued">Blocks that may wait.</param>
internal sealed class WebSeedQueue(PieceGrid grid, int maxQueued)
{
    // A run is one request to the server for each file that it touches.
    private const int MaxRunBytes = 16 << 20;

    private readonly Lock _gate = new();
    private readonly LinkedList<BlockRange> _waiting = new();
    private readonly HashSet<BlockRange> _running = [];
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Adds a block.</summary>
    /// <exception cref="WireException">Too many wait.</exception>
    public void Add(BlockRange block)
    {
        lock (_gate)
        {
            if (_waiting.Count >= maxQueued)
            {
                throw new WireException($"more than {maxQueued} requests");
            }

            _waiting.AddLast(block);
        }

        _wake.Writer.TryWrite(true);
    }

    /// <summary>A block is not wanted any more.</summary>
    public void Cancel(BlockRange block)
    {
        lock (_gate)
        {
            if (!_running.Remove(block))
            {
                _waiting.Remove(block);
            }
        }
    }

    /// <summary>Whether a block of the run is still wanted; a yes is said once.</summary>
    public bool TryFinish(BlockRange block)
    {
        lock (_gate)
        {
            return _running.Remove(block);
        }
    }

    /// <summary>Whether any block of the run is still wanted.</summary>
    public bool IsRunWanted
    {
        get
        {
            lock (_gate)
            {
                return _running.Count > 0;
            }
        }
    }

    /// <summary>Waits until a block waits.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken) => await _wake.Reader.ReadAsync(cancellationToken);

    /// <summary>Takes blocks that follow each other without a gap; empty when none wait.</summary>
    public IReadOnlyList<BlockRange> TakeRun()
    {
        var run = new List<BlockRange>();
        lock (_gate)
        {
            _running.Clear();
            long end = -1;
            for (long bytes = 0; _waiting.First is { Value: var block } && bytes < MaxRunBytes; bytes += block.Length)
            {
                var start = grid.OffsetOf(block.Piece) + block.Offset;
                if (run.Count > 0 && start != end)
                {
                    break;
                }

                end = start + block.Length;
                run.Add(block);
                _running.Add(block);
                _waiting.RemoveFirst();
            }
        }

        return run;
    }
}

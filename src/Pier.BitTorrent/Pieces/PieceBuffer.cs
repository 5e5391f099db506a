namespace Pier.BitTorrent.Pieces;

/// <summary>
/// The memory of an unfinished piece. Connections copy blocks into it from their own threads; each block is taken once, by
/// whoever comes first, and remembers who that was. <see cref="PieceMemory"/> lends it, and lends it again for another piece.
/// </summary>
internal sealed class PieceBuffer(PieceMemory owner)
{
    private static readonly object Closed = new();

    private byte[] _memory = [];
    private object?[] _contributors = [];
    private int _blockSize;
    private int _first;

    /// <summary>Bytes of the piece.</summary>
    public int Length { get; private set; }

    /// <summary>Blocks of the piece.</summary>
    public int BlockCount { get; private set; }

    /// <summary>The piece; meaningful where blocks have been written.</summary>
    public ReadOnlyMemory<byte> Memory => _memory.AsMemory(0, Length);

    /// <summary>Takes up another piece, or some blocks of one.</summary>
    /// <param name="memory">Where it goes.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="blockSize">Bytes of a block.</param>
    /// <param name="first">The first block of the piece that is taken up.</param>
    public void Begin(byte[] memory, int length, int blockSize, int first)
    {
        _memory = memory;
        _blockSize = blockSize;
        _first = first;
        Length = length;
        BlockCount = (length + blockSize - 1) / blockSize;
        if (_contributors.Length < BlockCount)
        {
            _contributors = new object?[BlockCount];
        }
    }

    /// <summary>Copies in a block that the same connection has claimed.</summary>
    /// <param name="block">Index of the block.</param>
    /// <param name="data">All of its bytes.</param>
    public void Write(int block, ReadOnlySpan<byte> data) => data.CopyTo(_memory.AsSpan(OffsetOf(block)));

    /// <summary>
    /// Notes who brings a block; false when it is here already or the piece was given up. Only while the block stands in the
    /// connection's table of requests: whoever came later might find the memory lent for another piece.
    /// </summary>
    public bool TryClaim(int block, object contributor) =>
        Interlocked.CompareExchange(ref _contributors[block - _first], contributor, null) is null;

    /// <summary>Who sent a block; null when it is missing.</summary>
    public object? ContributorOf(int block) => _contributors[block - _first];

    /// <summary>First byte of a block within the memory.</summary>
    public int OffsetOf(int block) => (block - _first) * _blockSize;

    /// <summary>Makes room for a block again that was written and is bad.</summary>
    public void Clear(int block) => Volatile.Write(ref _contributors[block - _first], null);

    /// <summary>The bytes of a block that was written.</summary>
    public ReadOnlySpan<byte> BlockSpan(int block)
    {
        var offset = OffsetOf(block);
        return _memory.AsSpan(offset, Math.Min(_blockSize, Length - offset));
    }

    /// <summary>Gives the piece back after every block was written and withdrawn from all requests, so that no writer can be left.</summary>
    public void Recycle()
    {
        var memory = _memory;
        _memory = [];
        _contributors.AsSpan(0, BlockCount).Clear();
        owner.Return(this, memory, Length);
    }

    /// <summary>Gives up a piece that is not complete. A writer may be at it still, so its memory goes to the collector.</summary>
    public void Abandon()
    {
        for (var block = 0; block < BlockCount; block++)
        {
            Interlocked.CompareExchange(ref _contributors[block], Closed, null);
        }

        owner.Forget(Length);
    }
}

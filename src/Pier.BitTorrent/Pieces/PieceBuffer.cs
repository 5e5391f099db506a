using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Pieces;

/// <summary>
/// The memory of an unfinished piece. Connections copy blocks into it from their own threads; each block is taken once, by
/// whoever comes first, and remembers who that was.
/// </summary>
internal sealed class PieceBuffer
{
    private static readonly object Closed = new();

    private readonly PieceMemory _owner;
    private readonly byte[] _memory;
    private readonly object?[] _contributors;
    private readonly int _blockSize;

    private PieceBuffer(PieceMemory owner, byte[] memory, int length, int blockSize)
    {
        _owner = owner;
        _memory = memory;
        Length = length;
        _blockSize = blockSize;
        _contributors = new object?[(length + blockSize - 1) / blockSize];
    }

    /// <summary>Bytes of the piece.</summary>
    public int Length { get; }

    /// <summary>Blocks of the piece.</summary>
    public int BlockCount => _contributors.Length;

    /// <summary>The piece; meaningful where blocks have been written.</summary>
    public ReadOnlyMemory<byte> Memory => _memory.AsMemory(0, Length);

    /// <summary>Takes memory for a piece; null when there is none for now.</summary>
    public static PieceBuffer? TryCreate(PieceMemory owner, int length, int blockSize, bool mayExceed) =>
        owner.TryRent(length, mayExceed) is { } memory ? new PieceBuffer(owner, memory, length, blockSize) : null;

    /// <summary>Copies a block in; false when it is here already or the piece was given up.</summary>
    /// <param name="block">Index of the block.</param>
    /// <param name="data">All of its bytes.</param>
    /// <param name="contributor">Who sent it.</param>
    public bool TryWrite(int block, ReadOnlySpan<byte> data, object contributor)
    {
        if (!TryClaim(block, contributor))
        {
            return false;
        }

        data.CopyTo(_memory.AsSpan(block * _blockSize));
        return true;
    }

    /// <summary>Notes who brings a block; false when it is here already or the piece was given up.</summary>
    public bool TryClaim(int block, object contributor) =>
        Interlocked.CompareExchange(ref _contributors[block], contributor, null) is null;

    /// <summary>Who sent a block; null when it is missing.</summary>
    public object? ContributorOf(int block) => _contributors[block];

    /// <summary>First byte of a block within the piece.</summary>
    public int OffsetOf(int block) => block * _blockSize;

    /// <summary>Makes room for a block again that was written and is bad.</summary>
    public void Clear(int block) => Volatile.Write(ref _contributors[block], null);

    /// <summary>The bytes of a block that was written.</summary>
    public ReadOnlySpan<byte> BlockSpan(int block)
    {
        var offset = block * _blockSize;
        return _memory.AsSpan(offset, Math.Min(_blockSize, Length - offset));
    }

    /// <summary>Gives the memory back after every block was written, when no writer can be left.</summary>
    public void Recycle() => _owner.Return(_memory, Length);

    /// <summary>Gives up a piece that is not complete. A writer may be at it still, so its memory goes to the collector.</summary>
    public void Abandon()
    {
        for (var block = 0; block < _contributors.Length; block++)
        {
            Interlocked.CompareExchange(ref _contributors[block], Closed, null);
        }

        _owner.Forget(Length);
    }
}

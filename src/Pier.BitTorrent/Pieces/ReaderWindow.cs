using Pier.Content;

namespace Pier.BitTorrent.Pieces;

/// <summary>What one reader wants next, fetched before everything else and in order. Moves with the reader; disposing gives it up.</summary>
public sealed class ReaderWindow : IDisposable
{
    private readonly ReaderWindows _owner;
    private volatile Box _range;

    internal ReaderWindow(ReaderWindows owner, ByteRange range)
    {
        _owner = owner;
        _range = new Box(range, IsSpot: false);
    }

    /// <summary>The bytes wanted, in the piece space.</summary>
    public ByteRange Range => _range.Value;

    /// <summary>Whether a few blocks in it are fetched by themselves, and not its pieces.</summary>
    internal bool IsSpot => _range.IsSpot;

    /// <summary>Moves the window; cheap enough to call for each read.</summary>
    /// <param name="range">The bytes wanted next, in the piece space; what lies beyond the torrent is ignored.</param>
    public void MoveTo(ByteRange range) => MoveTo(range, isSpot: false);

    internal void MoveTo(ByteRange range, bool isSpot)
    {
        if (range.Offset < 0 || range.Length < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(range), range, "a window starts at or after byte 0 and has no negative length");
        }

        if (range != _range.Value || isSpot != _range.IsSpot)
        {
            _range = new Box(range, isSpot);
            _owner.Changed();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _owner.Remove(this);

    // A reference swaps atomically where two longs would not.
    private sealed record Box(ByteRange Value, bool IsSpot);
}

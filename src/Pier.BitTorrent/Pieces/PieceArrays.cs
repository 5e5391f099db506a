using System.Buffers;
using System.Numerics;

namespace Pier.BitTorrent.Pieces;

/// <summary>
/// Keeps the arrays of pieces between their uses. The shared pool keeps few that are as long as pieces, and what it lacks is
/// zeroed memory fresh from the system, which costs more than to fill it.
/// </summary>
/// <param name="maxKept">Bytes kept at most while pieces come.</param>
internal sealed class PieceArrays(long maxKept) : ArrayPool<byte>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Stack<byte[]>> _bySize = [];
    private long _kept;

    /// <inheritdoc/>
    public override byte[] Rent(int minimumLength)
    {
        var size = (int)Math.Min(BitOperations.RoundUpToPowerOf2((uint)minimumLength), (uint)Array.MaxLength);
        lock (_gate)
        {
            if (_bySize.TryGetValue(size, out var kept) && kept.TryPop(out var array))
            {
                _kept -= size;
                return array;
            }
        }

        return GC.AllocateUninitializedArray<byte>(size);
    }

    /// <inheritdoc/>
    public override void Return(byte[] array, bool clearArray = false)
    {
        lock (_gate)
        {
            if (_kept + array.Length > maxKept)
            {
                return;
            }

            if (!_bySize.TryGetValue(array.Length, out var kept))
            {
                kept = _bySize[array.Length] = new Stack<byte[]>();
            }

            kept.Push(array);
            _kept += array.Length;
        }
    }

    /// <summary>Keeps nothing: no pieces come for now.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _bySize.Clear();
            _kept = 0;
        }
    }
}

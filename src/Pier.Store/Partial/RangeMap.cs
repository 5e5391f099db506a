using System.Collections;
using Pier.Content;

namespace Pier.Store.Partial;

/// <summary>
/// A set of byte offsets as sorted ranges that neither overlap nor touch. Not thread-safe. Adding costs a binary
/// search, and a move of the ranges behind when the new one does not join a neighbour.
/// </summary>
public sealed class RangeMap : IEnumerable<ByteRange>
{
    private readonly List<ByteRange> _runs;

    /// <summary>An empty set.</summary>
    public RangeMap() => _runs = [];

    /// <summary>The union of ranges in any order.</summary>
    public RangeMap(IEnumerable<ByteRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        _runs = [];
        foreach (var range in ranges)
        {
            Add(range);
        }
    }

    private RangeMap(List<ByteRange> runs, long total)
    {
        _runs = runs;
        Total = total;
    }

    /// <summary>How many separate ranges there are.</summary>
    public int Count => _runs.Count;

    /// <summary>Bytes in all ranges.</summary>
    public long Total { get; private set; }

    /// <summary>Adds a range; what is there already stays.</summary>
    public void Add(ByteRange range)
    {
        if (range.Offset < 0 || range.Length < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(range), range, "Offset and length are never negative.");
        }

        if (range.Length == 0)
        {
            return;
        }

        // Every run that overlaps or touches the range lies in [first, last).
        var first = FirstEndingAtOrAfter(range.Offset);
        var last = first;
        var start = range.Offset;
        var end = range.End;
        while (last < _runs.Count && _runs[last].Offset <= range.End)
        {
            start = Math.Min(start, _runs[last].Offset);
            end = Math.Max(end, _runs[last].End);
            Total -= _runs[last].Length;
            last++;
        }

        var joined = new ByteRange(start, end - start);
        Total += joined.Length;
        if (last == first)
        {
            _runs.Insert(first, joined);
            return;
        }

        _runs[first] = joined;
        _runs.RemoveRange(first + 1, last - first - 1);
    }

    /// <summary>True when every byte of the range is there; an empty range always is.</summary>
    public bool Contains(ByteRange range) => range.Length == 0 || RunEnd(range.Offset) >= range.End;

    /// <summary>Where the run that holds an offset ends; the offset itself when it is not in the set.</summary>
    public long RunEnd(long offset)
    {
        var index = FirstEndingAtOrAfter(offset + 1);
        return index < _runs.Count && _runs[index].Offset <= offset ? _runs[index].End : offset;
    }

    /// <summary>The first absent range within [<paramref name="from"/>, <paramref name="end"/>), or null.</summary>
    public ByteRange? NextGap(long from, long end)
    {
        var start = RunEnd(from);
        if (start >= end)
        {
            return null;
        }

        var next = FirstEndingAtOrAfter(start + 1);
        var stop = next < _runs.Count ? Math.Min(end, _runs[next].Offset) : end;
        return new ByteRange(start, stop - start);
    }

    /// <summary>
    /// The first absent range at or after <paramref name="from"/> in a blob of <paramref name="length"/> bytes, at most
    /// <paramref name="limit"/> bytes long; wraps round to the start; null when nothing is absent.
    /// </summary>
    public ByteRange? NextMissing(long from, long limit, long length)
    {
        var start = Math.Clamp(from, 0, length);
        var gap = NextGap(start, length) ?? NextGap(0, start);
        return gap is { } range ? range with { Length = Math.Min(range.Length, limit) } : null;
    }

    /// <summary>An independent set of the same ranges.</summary>
    public RangeMap Clone() => new([.. _runs], Total);

    /// <inheritdoc/>
    public IEnumerator<ByteRange> GetEnumerator() => _runs.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int FirstEndingAtOrAfter(long offset)
    {
        var low = 0;
        var high = _runs.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_runs[middle].End < offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}

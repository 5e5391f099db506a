using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Store.Partial;

/// <summary>
/// What has arrived of one blob and who waits for what: the one place where writers and readers meet. Thread-safe, no I/O.
/// </summary>
internal sealed class PartialProgress
{
    private readonly Lock _gate = new();
    private readonly List<PartialReader> _readers = [];
    private readonly List<PartialWait> _waits = [];
    private readonly long _length;
    private readonly long[] _bySource;
    private RangeMap _present;
    private RangeMap _readable;
    private ContentException? _failure;
    private volatile bool _sealed;

    public PartialProgress(PartialMap map)
    {
        _length = map.Length;
        _present = map.Present;
        _readable = map.Readable;
        _bySource = [.. map.BySource];
    }

    public bool IsSealed => _sealed;

    /// <summary>Bytes on disk.</summary>
    public long Present
    {
        get
        {
            lock (_gate)
            {
                return _present.Total;
            }
        }
    }

    /// <summary>Bytes on disk before the first gap.</summary>
    public long Frontier => PresentEnd(0);

    /// <summary>Where the most urgent reader is: one that waits before one that does not, then by priority, then the oldest.</summary>
    public long Wanted
    {
        get
        {
            lock (_gate)
            {
                return _waits.Count > 0
                    ? _waits.MaxBy(wait => wait.Reader.Priority)!.Offset
                    : _readers.MaxBy(reader => reader.Priority)?.Position ?? 0;
            }
        }
    }

    public ByteRange? NextMissing(long from, long limit)
    {
        lock (_gate)
        {
            return _present.NextMissing(from, limit, _length);
        }
    }

    /// <summary>Where the bytes on disk that begin at an offset end; the offset itself when there are none.</summary>
    public long PresentEnd(long offset)
    {
        lock (_gate)
        {
            return _present.RunEnd(offset);
        }
    }

    public bool Contains(ByteRange range)
    {
        lock (_gate)
        {
            return _present.Contains(range);
        }
    }

    public bool IsReadable(ByteRange range)
    {
        lock (_gate)
        {
            return _readable.Contains(range);
        }
    }

    public long BytesFrom(SourceKind kind)
    {
        lock (_gate)
        {
            return _bySource[(int)kind];
        }
    }

    public IReadOnlyDictionary<SourceKind, long> BytesBySource() =>
        Enum.GetValues<SourceKind>().Select(kind => (kind, bytes: BytesFrom(kind))).Where(pair => pair.bytes > 0).ToDictionary();

    /// <summary>What is on disk now, as a copy.</summary>
    public PartialMap Snapshot(Digest digest)
    {
        lock (_gate)
        {
            return new PartialMap(digest, _length, _present.Clone(), _readable.Clone(), [.. _bySource]);
        }
    }

    /// <summary>
    /// The first part of [<paramref name="from"/>, <paramref name="end"/>) that bytes of this trust can add to, and
    /// whether other bytes lie there already.
    /// </summary>
    public (ByteRange Range, bool Replaces)? NextUseful(long from, long end, SourceTrust trust)
    {
        lock (_gate)
        {
            if ((trust == SourceTrust.AtOnce ? _readable : _present).NextGap(from, end) is not { } gap)
            {
                return null;
            }

            var presentEnd = Math.Min(_present.RunEnd(gap.Offset), gap.End);
            if (presentEnd > gap.Offset)
            {
                return (new ByteRange(gap.Offset, presentEnd - gap.Offset), true);
            }

            return (_present.NextGap(gap.Offset, gap.End)!.Value, false);
        }
    }

    /// <summary>Notes bytes that are on disk now, and wakes the readers that wait for them.</summary>
    public void Arrived(ByteRange range, SourceTrust trust, SourceKind kind)
    {
        lock (_gate)
        {
            var before = _present.Total;
            _present.Add(range);
            _bySource[(int)kind] += _present.Total - before;
            if (trust == SourceTrust.AtOnce)
            {
                _readable.Add(range);
                EndWaits(range);
            }
        }
    }

    public void Add(PartialReader reader)
    {
        lock (_gate)
        {
            _readers.Add(reader);
        }
    }

    public void Remove(PartialReader reader)
    {
        lock (_gate)
        {
            _readers.Remove(reader);
            EndWaits(wait => wait.Reader == reader, wait => wait.TrySetException(new ObjectDisposedException(nameof(IContentReader))));
        }
    }

    /// <summary>How many bytes a reader may read at an offset; when none, the wait for the first.</summary>
    /// <exception cref="ContentException">The fetch failed, or bytes that this reader was shown turned out false.</exception>
    public (long Readable, PartialWait? Wait) Claim(PartialReader reader, long offset)
    {
        lock (_gate)
        {
            reader.ThrowIfBroken();
            // The last byte waits for the seal: a reader of false bytes sees a broken transfer, never a whole wrong blob.
            var end = _sealed ? _length : Math.Min(_readable.RunEnd(offset), _length - 1);
            if (end > offset)
            {
                reader.HasConsumed = true;
                return (end - offset, null);
            }

            if (_failure is not null)
            {
                throw _failure;
            }

            var wait = new PartialWait(reader, offset);
            _waits.Add(wait);
            return (0, wait);
        }
    }

    public void Forget(PartialWait wait)
    {
        lock (_gate)
        {
            _waits.Remove(wait);
        }
    }

    /// <summary>Ends every wait with the cause; later waits end at once.</summary>
    public void Fail(ContentException cause)
    {
        lock (_gate)
        {
            _failure = cause;
            EndWaits(_ => true, wait => wait.TrySetException(cause));
        }
    }

    public void Sealed()
    {
        lock (_gate)
        {
            _sealed = true;
            EndWaits(_ => true, wait => wait.TrySetResult());
        }
    }

    /// <summary>
    /// The whole has the wrong digest: drops the bytes that nobody was shown, and when there are none such, all, in
    /// which case readers that were shown some end with the cause.
    /// </summary>
    /// <returns>How many bytes were dropped.</returns>
    public long DropFalse(ContentMismatchException cause)
    {
        lock (_gate)
        {
            var before = _present.Total;
            if (_readable.Total == _present.Total)
            {
                _readable = new RangeMap();
                foreach (var reader in _readers.Where(reader => reader.HasConsumed))
                {
                    reader.Broken = cause;
                    EndWaits(wait => wait.Reader == reader, wait => wait.TrySetException(cause));
                }
            }

            _present = _readable.Clone();
            Array.Clear(_bySource);
            return before - _present.Total;
        }
    }

    // For each write, and so without the closures of the other.
    private void EndWaits(ByteRange range)
    {
        for (var place = _waits.Count - 1; place >= 0; place--)
        {
            if (_waits[place].Offset >= range.Offset && _waits[place].Offset < range.End)
            {
                _waits[place].TrySetResult();
                _waits.RemoveAt(place);
            }
        }
    }

    private void EndWaits(Predicate<PartialWait> which, Action<PartialWait> end) =>
        _waits.RemoveAll(wait =>
        {
            if (which(wait))
            {
                end(wait);
                return true;
            }

            return false;
        });
}

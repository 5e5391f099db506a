using System.Collections;

namespace Pier.BitTorrent.Torrents;

/// <summary>The parts of files that a range of the piece space is made of; going through them takes no memory, as each block of a transfer does.</summary>
public readonly struct TorrentSlices : IEnumerable<TorrentSlice>
{
    private readonly TorrentLayout _layout;
    private readonly long _offset;
    private readonly long _length;

    internal TorrentSlices(TorrentLayout layout, long offset, long length)
    {
        _layout = layout;
        _offset = offset;
        _length = length;
    }

    /// <summary>Goes through the parts in order.</summary>
    public Enumerator GetEnumerator() => new(_layout, _offset, _length);

    IEnumerator<TorrentSlice> IEnumerable<TorrentSlice>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>One way through the parts.</summary>
    public struct Enumerator : IEnumerator<TorrentSlice>
    {
        private readonly IReadOnlyList<TorrentFile> _files;
        private long _offset;
        private long _rest;
        private int _file;

        internal Enumerator(TorrentLayout layout, long offset, long length)
        {
            _files = layout.Files;
            _offset = offset;
            _rest = length;
            _file = length == 0 ? 0 : layout.FileAt(offset);
        }

        /// <inheritdoc/>
        public TorrentSlice Current { get; private set; }

        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        /// <exception cref="ArgumentOutOfRangeException">The range leaves the files.</exception>
        public bool MoveNext()
        {
            for (; _rest > 0; _file++)
            {
                if (_file >= _files.Count || _files[_file].Offset > _offset)
                {
                    throw Beyond(_rest);
                }

                var file = _files[_file];
                var take = Math.Min(_rest, file.End - _offset);
                if (take > 0)
                {
                    Current = new TorrentSlice(_file++, _offset - file.Offset, take);
                    _offset += take;
                    _rest -= take;
                    return true;
                }
            }

            return false;
        }

        private static ArgumentOutOfRangeException Beyond(long length) => new(nameof(length), length, "the range leaves the files");

        /// <inheritdoc/>
        public readonly void Reset() => throw new NotSupportedException();

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }
    }
}

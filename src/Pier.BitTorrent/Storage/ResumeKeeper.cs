using System.Threading.Channels;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Storage;

/// <summary>
/// Remembers which pieces are stored, on disk, at the first one and then at intervals: files are flushed first, so that the record never knows more than
/// the disk holds. Thread-safe.
/// </summary>
internal sealed class ResumeKeeper : IAsyncDisposable
{
    private readonly Lock _gate = new();

    // One after another: else an older record could be written over a newer.
    private readonly Lock _writing = new();
    private readonly Metainfo _metainfo;
    private readonly TreeFiles _files;
    private readonly ResumeFile _record;
    private readonly Bitfield _stored;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _saving;
    private HashSet<int> _dirty = [];
    private bool _isBehind;

    /// <param name="metainfo">The torrent.</param>
    /// <param name="files">Its files.</param>
    /// <param name="record">Where it is remembered.</param>
    /// <param name="stored">The pieces that are stored already; the keeper adds to them.</param>
    /// <param name="options">How often.</param>
    public ResumeKeeper(Metainfo metainfo, TreeFiles files, ResumeFile record, Bitfield stored, FileTreeOptions options)
    {
        _metainfo = metainfo;
        _files = files;
        _record = record;
        _stored = stored;
        _interval = options.ResumeInterval;
        _time = options.Time;
        _saving = Task.Run(SaveAtIntervalsAsync);
    }

    /// <summary>A piece has been written, though perhaps not reached the disk.</summary>
    /// <param name="piece">Index of the piece.</param>
    /// <param name="files">The files that have bytes of it.</param>
    public void Stored(int piece, IEnumerable<int> files)
    {
        lock (_gate)
        {
            _stored.Add(piece);
            _dirty.UnionWith(files);
            _isBehind = true;
        }

        _news.Writer.TryWrite(true);
    }

    /// <summary>Flushes what was written and remembers it now.</summary>
    public void Save()
    {
        lock (_writing)
        {
            Write();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _saving;
        if (_isBehind)
        {
            Save();
        }

        _stopping.Dispose();
    }

    private void Write()
    {
        var bits = new byte[_stored.ByteLength];
        HashSet<int> dirty;
        lock (_gate)
        {
            _stored.CopyTo(bits);
            (dirty, _dirty) = (_dirty, []);
            _isBehind = false;
        }

        try
        {
            foreach (var file in dirty)
            {
                _files.Flush(file);
            }

            _record.Write(new ResumeRecord(_metainfo.Id.Primary, _metainfo.PieceCount, bits, _files.Times()));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // Nothing is lost but the next opening's time: what is not remembered is hashed.
            lock (_gate)
            {
                _dirty.UnionWith(dirty);
                _isBehind = true;
            }
        }
    }

    private async Task SaveAtIntervalsAsync()
    {
        try
        {
            // The first piece is remembered at once: after a crash a record says that what lies there is worth hashing.
            for (var wait = TimeSpan.Zero; await _news.Reader.WaitToReadAsync(_stopping.Token); wait = _interval)
            {
                _news.Reader.TryRead(out _);
                await Task.Delay(wait, _time, _stopping.Token);
                Save();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Closing, which saves once more.
        }
    }
}

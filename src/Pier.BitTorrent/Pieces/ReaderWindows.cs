using Pier.Content;

namespace Pier.BitTorrent.Pieces;

/// <summary>The windows of a torrent's readers: changed by readers on their threads, looked at by the picker.</summary>
/// <param name="changed">Called after each change.</param>
internal sealed class ReaderWindows(Action changed)
{
    private readonly Lock _gate = new();
    private volatile ReaderWindow[] _all = [];

    /// <summary>The windows of now, oldest first.</summary>
    public IReadOnlyList<ReaderWindow> All => _all;

    /// <summary>Opens a window.</summary>
    public ReaderWindow Open(ByteRange range)
    {
        var window = new ReaderWindow(this, range);
        lock (_gate)
        {
            _all = [.. _all, window];
        }

        Changed();
        return window;
    }

    /// <summary>Closes a window.</summary>
    public void Remove(ReaderWindow window)
    {
        lock (_gate)
        {
            _all = [.. _all.Where(other => !ReferenceEquals(other, window))];
        }

        Changed();
    }

    /// <summary>Tells the picker's owner.</summary>
    public void Changed() => changed();
}

using Microsoft.Win32.SafeHandles;
using Pier.BitTorrent.Selection;
using Pier.Content;

namespace Pier.BitTorrent.Storage;

/// <summary>
/// A torrent's only door to disk. Offsets are in the piece space of <see cref="Torrents.TorrentLayout"/>: piece index × piece
/// length + offset in the piece; for a blob torrent that is the offset in the blob. Calls may come from several threads at
/// once, never two writes for the same bytes.
/// </summary>
public interface ITorrentStorage : IAsyncDisposable
{
    /// <summary>Everything is here and proved already: the swarm seeds without hashing anything.</summary>
    bool IsSealed { get; }

    /// <summary>
    /// Ranges that hold proved bytes, at the time the swarm starts; pieces that lie wholly within are had without hashing.
    /// Empty when nothing is known; ignored when <see cref="IsSealed"/>.
    /// </summary>
    IReadOnlyList<ByteRange> Held { get; }

    /// <summary>Fills the destination from bytes that were written or held.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>Stores bytes whose piece hash has been checked.</summary>
    /// <exception cref="IOException">They cannot be stored; the swarm stops and reports this as its failure.</exception>
    ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> verified, CancellationToken cancellationToken);

    /// <summary>
    /// Which files are wanted, in the torrent's order: called before the swarm starts, and whenever another choice is made.
    /// Pieces that wanted files share with others bring bytes of those as well.
    /// </summary>
    /// <exception cref="IOException">A file cannot be made.</exception>
    ValueTask SelectAsync(IReadOnlyList<FilePriority> files, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>
    /// Opens the file on disk that holds exactly the bytes of one of the torrent's files, all of whose pieces are here; null
    /// when there is none. It stays readable, whatever becomes of its name.
    /// </summary>
    SafeFileHandle? OpenWhole(int file) => null;

    /// <summary>
    /// All pieces of the wanted files are stored; called before the swarm's completion is reported, and again after each new
    /// choice. Not called when sealed from the start.
    /// </summary>
    ValueTask CompleteAsync(CancellationToken cancellationToken);
}

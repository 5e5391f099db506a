using Microsoft.Win32.SafeHandles;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Storage;

/// <summary>
/// One sparse file beside a torrent's own, for bytes of files that are not wanted: each lies at its offset in the piece space.
/// Its name holds the info-hash, which no torrent can have in a name of its own.
/// </summary>
internal sealed class SideFile(string root, InfoHash torrent) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string[] _path = [$".{torrent}.pier-parts"];
    private SafeFileHandle? _handle;

    /// <summary>When it was changed last, in ticks; 0 when it is not there.</summary>
    public long Modified { get; private set; }

    /// <summary>Whether it is there.</summary>
    public bool Exists => Open(create: false) is not null;

    /// <summary>Writes bytes.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        var handle = Open(create: true)!;
        RandomAccess.Write(handle, bytes, offset);
        FileTimes.Keep(handle, Modified);
    }

    /// <summary>Reads bytes; false when not all of them are there.</summary>
    public bool TryRead(long offset, Span<byte> destination)
    {
        if (Open(create: false) is not { } handle)
        {
            return false;
        }

        while (!destination.IsEmpty)
        {
            var read = RandomAccess.Read(handle, destination, offset);
            if (read == 0)
            {
                return false;
            }

            destination = destination[read..];
            offset += read;
        }

        return true;
    }

    /// <summary>Whether a range may have been written whole.</summary>
    public bool IsWritten(long offset, long length) => Open(create: false) is { } handle && NoFollow.HasNoHole(handle, offset, length);

    /// <summary>Has it reach the disk.</summary>
    public void Flush()
    {
        if (Open(create: false) is { } handle)
        {
            RandomAccess.FlushToDisk(handle);
        }
    }

    /// <summary>Removes it.</summary>
    public void Delete()
    {
        lock (_gate)
        {
            _handle?.Dispose();
            _handle = null;
            Modified = 0;
            File.Delete(Path.Combine(root, _path[0]));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _handle?.Dispose();
        }
    }

    private SafeFileHandle? Open(bool create)
    {
        lock (_gate)
        {
            if (_handle is null && (_handle = NoFollow.OpenFile(root, _path, write: true, create)) is { } opened)
            {
                Modified = FileTimes.Of(opened);
            }

            return _handle;
        }
    }
}

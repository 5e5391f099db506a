using Microsoft.Win32.SafeHandles;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Disk;

namespace Pier.Store.Partial;

/// <summary>The two files of an arriving blob: <c>&lt;hex&gt;</c> with its bytes, and <c>&lt;hex&gt;.map</c> that says which.</summary>
internal sealed class PartialFiles(string folder, Digest digest)
{
    public const string MapSuffix = ".map";

    public string Data { get; } = Path.Combine(folder, digest.Hex);

    public string Map { get; } = Path.Combine(folder, digest.Hex + MapSuffix);

    /// <summary>Reads data; 0 when it is closed; a refusal by the disk names the file.</summary>
    public int ReadData(SafeFileHandle data, Span<byte> buffer, long offset)
    {
        try
        {
            return RandomAccess.Read(data, buffer, offset);
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("read", Data, e);
        }
    }

    /// <summary>Writes data; a refusal by the disk names the file.</summary>
    public void WriteData(SafeFileHandle data, ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(data, bytes, offset);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("write", Data, e);
        }
    }

    /// <summary>When the map was last written.</summary>
    public DateTimeOffset Saved => new(File.GetLastWriteTimeUtc(Map), TimeSpan.Zero);

    /// <summary>
    /// What the files hold; null when they hold nothing of use, with the reason where they hold something damaged.
    /// </summary>
    /// <exception cref="ContentStorageException">They cannot be read.</exception>
    public PartialMap? Read(out string? reason)
    {
        reason = null;
        var data = new FileInfo(Data);
        try
        {
            if (DurableFile.Read(Map, PartialMapCodec.Limit) is not { } content || !data.Exists)
            {
                return null;
            }

            var map = PartialMapCodec.Decode(content, out var damage);
            reason = map is null ? damage
                : map.Digest != digest ? $"its map speaks of {map.Digest}"
                : data.Length != map.Length ? $"its data has {data.Length} bytes and its map says {map.Length}"
                : null;
            return reason is null ? map : null;
        }
        catch (ContentFormatException e)
        {
            reason = e.Message;
            return null;
        }
    }

    /// <summary>Opens the data file for reading and writing with its full length; absent parts take no space.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public SafeFileHandle OpenData(long length)
    {
        try
        {
            var file = File.OpenHandle(Data, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.SetLength(file, length);
            return file;
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("open", Data, e);
        }
    }

    public SafeFileHandle OpenForReading()
    {
        try
        {
            return File.OpenHandle(Data, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("open", Data, e);
        }
    }

    /// <summary>Makes the bytes durable and then the map that speaks of them; the order is what a crash relies on.</summary>
    /// <exception cref="ContentStorageException">The disk refused; the older map stands.</exception>
    public void Save(SafeFileHandle data, PartialMap map)
    {
        try
        {
            Posix.SyncData(data, Data);
        }
        catch (IOException e)
        {
            throw StorageFault.Describe("write", Data, e);
        }

        DurableFile.Replace(Map, PartialMapCodec.Encode(map));
    }

    /// <summary>Removes both files.</summary>
    /// <exception cref="ContentStorageException">The disk refused.</exception>
    public void Delete()
    {
        try
        {
            // The map first: data without a map is wiped at start, a map without data would promise bytes.
            File.Delete(Map);
            File.Delete(Data);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            throw StorageFault.Describe("remove", Data, e);
        }
    }
}

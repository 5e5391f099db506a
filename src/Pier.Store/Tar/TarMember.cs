using System.Buffers;
using System.Formats.Tar;

namespace Pier.Store.Tar;

/// <summary>One entry of a tar, and its content until the next is read.</summary>
public sealed class TarMember
{
    private const int CopyBytes = 256 << 10;

    private readonly BoundedTarReader _reader;

    internal TarMember(BoundedTarReader reader, TarHeader header, PaxRecords said, long length)
    {
        _reader = reader;
        Name = said.Path ?? header.Name;
        Kind = header.Kind;
        LinkTarget = said.LinkPath ?? header.LinkName;
        Mode = header.Mode;
        ModificationTime = said.ModificationTime ?? header.ModificationTime;
        Length = length;
    }

    /// <summary>Its path, as it is written.</summary>
    public string Name { get; }

    /// <summary>What it is; plain files are <see cref="TarEntryType.RegularFile"/> in whichever way they are written.</summary>
    public TarEntryType Kind { get; }

    /// <summary>Where a link leads.</summary>
    public string LinkTarget { get; }

    /// <summary>Permission bits.</summary>
    public UnixFileMode Mode { get; }

    /// <summary>When it was written.</summary>
    public DateTimeOffset ModificationTime { get; }

    /// <summary>Bytes of its content.</summary>
    public long Length { get; }

    /// <summary>Writes what has not been read of its content.</summary>
    /// <exception cref="Content.Contracts.ContentFormatException">The tar is cut short.</exception>
    public async Task CopyToAsync(Stream destination, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var buffer = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            for (int read; (read = await _reader.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                await destination.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Fetch.Delivery;

/// <summary>A sink that can show what it has, for swarms, which serve pieces while they fetch others.</summary>
internal interface IPartialSink : IContentSink
{
    /// <summary>Of those who want the blob by now, who waits most.</summary>
    FetchPriority Priority { get; }

    /// <summary>The ranges on disk, in order.</summary>
    IReadOnlyList<ByteRange> PresentRanges();

    /// <summary>The ranges that may be shown before the seal, in order.</summary>
    IReadOnlyList<ByteRange> ReadableRanges();

    /// <summary>Reads bytes on disk; at most up to the next gap, 0 in a gap.</summary>
    int ReadPresent(long offset, Span<byte> buffer);

    /// <summary>Notes bytes that have come and cannot be written before their piece is proved: the source is alive.</summary>
    void Sign(long bytes);
}

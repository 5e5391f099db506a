using Pier.Content;
using Pier.Content.Contracts;
using Pier.Fetch.Delivery;

namespace Pier.UnitTests.Fetch.Sources;

/// <summary>A sink that is never filled, and for which somebody waits as a test says.</summary>
internal sealed class PrioritySink(long length) : IPartialSink
{
    public FetchPriority Priority { get; set; }

    public long Length => length;

    public long Wanted => 0;

    public ByteRange? NextMissing(long from, long limit) => new ByteRange(from, Math.Min(limit, length - from));

    public IReadOnlyList<ByteRange> PresentRanges() => [];

    public IReadOnlyList<ByteRange> ReadableRanges() => [];

    public int ReadPresent(long offset, Span<byte> buffer) => 0;

    public void Sign(long bytes)
    {
        // Nobody judges it.
    }

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes, SourceTrust trust, SourceKind kind, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;
}

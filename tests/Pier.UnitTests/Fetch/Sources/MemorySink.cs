using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Partial;

namespace Pier.UnitTests.Fetch.Sources;

/// <summary>A sink in memory whose most urgent reader waits where the test says.</summary>
internal sealed class MemorySink(int length) : IContentSink
{
    private readonly RangeMap _present = new();

    public byte[] Bytes { get; } = new byte[length];

    public long Length => length;

    public long Wanted { get; set; }

    /// <summary>Called after each write with the bytes present.</summary>
    public Action<long>? Written { get; set; }

    /// <summary>What the bytes came as.</summary>
    public HashSet<(SourceTrust Trust, SourceKind Kind)> Origins { get; } = [];

    public ByteRange? NextMissing(long from, long limit) => _present.NextMissing(from, limit, length);

    public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> bytes, SourceTrust trust, SourceKind kind, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Fill(offset, bytes.Span);
        Origins.Add((trust, kind));
        Written?.Invoke(_present.Total);
        return ValueTask.CompletedTask;
    }

    /// <summary>Marks bytes as present, as if another source had brought them.</summary>
    public void Fill(long offset, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Bytes.AsSpan((int)offset));
        _present.Add(new ByteRange(offset, bytes.Length));
    }
}

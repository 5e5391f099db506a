namespace Pier.Content;

/// <summary>A half-open range of bytes.</summary>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Number of bytes, never negative.</param>
public readonly record struct ByteRange(long Offset, long Length)
{
    /// <summary>First byte after the range.</summary>
    public long End => Offset + Length;

    /// <inheritdoc/>
    public override string ToString() => $"[{Offset}, {End})";
}

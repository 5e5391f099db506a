using System.Globalization;
using System.Text;
using Pier.Content.Contracts;

namespace Pier.Store.Tar;

/// <summary>What a pax extended header says in place of the header after it (POSIX.1-2024 pax, "pax Extended Header"); null where nothing.</summary>
/// <param name="Path">The whole path.</param>
/// <param name="LinkPath">Where a link leads.</param>
/// <param name="Size">Bytes of content.</param>
/// <param name="ModificationTime">When it was written.</param>
/// <param name="IsSparse">Whether the content that follows leaves out holes, or begins with a map of them (GNU tar manual, "Sparse Formats").</param>
internal sealed record PaxRecords(
    string? Path = null, string? LinkPath = null, long? Size = null, DateTimeOffset? ModificationTime = null, bool IsSparse = false)
{
    private const NumberStyles Seconds = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>Nothing said.</summary>
    public static PaxRecords None { get; } = new();

    /// <summary>Reads the records; the last of a kind counts, and kinds that nobody here needs are passed over.</summary>
    /// <exception cref="ContentFormatException">They are malformed.</exception>
    public PaxRecords With(ReadOnlySpan<byte> records)
    {
        var read = this;
        while (!records.IsEmpty)
        {
            var space = records.IndexOf((byte)' ');
            if (space is < 1 or > 9
                || !int.TryParse(records[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= space + 1 || length > records.Length || records[length - 1] != '\n')
            {
                throw new ContentFormatException("A pax header of the tar is malformed.");
            }

            var record = records[(space + 1)..(length - 1)];
            if (record.IndexOf((byte)'=') is var equals and > 0)
            {
                read = read.With(record[..equals], record[(equals + 1)..]);
            }

            records = records[length..];
        }

        return read;
    }

    private PaxRecords With(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        key.SequenceEqual("path"u8) ? this with { Path = TextOf(value) }
        : key.SequenceEqual("linkpath"u8) ? this with { LinkPath = TextOf(value) }
        : key.SequenceEqual("size"u8) ? this with { Size = SizeOf(value) }
        : key.SequenceEqual("mtime"u8) ? this with { ModificationTime = TimeOf(value) }
        : key.SequenceEqual("GNU.sparse.name"u8) ? this with { Path = TextOf(value), IsSparse = true }
        : key.StartsWith("GNU.sparse."u8) ? this with { IsSparse = true }
        : this;

    /// <summary>Null for nothing: an empty value takes back what was said before, and the header counts.</summary>
    private static string? TextOf(ReadOnlySpan<byte> value) => value.IsEmpty ? null : Encoding.UTF8.GetString(value);

    private static long? SizeOf(ReadOnlySpan<byte> value) =>
        value.IsEmpty ? null
        : long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size
        : throw new ContentFormatException("A pax header of the tar gives a size that is no number.");

    /// <summary>Python writes 1e-05; a time that is no number is not worth an image, and the header has one too.</summary>
    private static DateTimeOffset? TimeOf(ReadOnlySpan<byte> value) =>
        decimal.TryParse(value, Seconds, CultureInfo.InvariantCulture, out var seconds) ? TarHeader.Time(seconds) : null;
}

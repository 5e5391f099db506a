using System.Formats.Tar;
using System.Globalization;
using System.Text;
using Pier.Store.Tar;

namespace Pier.UnitTests.Store.Tar;

/// <summary>Tars by hand, and what is read of them.</summary>
internal static class TarBlocks
{
    /// <summary>More than any of these tars has.</summary>
    public static readonly TarLimits Usual = new(Headers: 100, TotalBytes: 1 << 20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A header with the right checksum.</summary>
    public static byte[] Header(char type, int size, Action<byte[]>? change = null, string name = "name")
    {
        var header = new byte[512];
        Encoding.ASCII.GetBytes(name).CopyTo(header.AsSpan());
        Encoding.ASCII.GetBytes("0000644").CopyTo(header.AsSpan(100));
        Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0')).CopyTo(header.AsSpan(124));
        header[156] = (byte)type;
        change?.Invoke(header);
        Sum(header);
        return header;
    }

    /// <summary>A pax header, with its content.</summary>
    public static byte[] Pax(params string[] records)
    {
        var content = string.Concat(records.Select(Record));
        return [.. Header('x', content.Length), .. Padded(content)];
    }

    /// <summary>Gives a header the checksum of what it holds.</summary>
    public static void Sum(Span<byte> header)
    {
        header.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var value in header)
        {
            sum += value;
        }

        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header[148..]);
    }

    /// <summary>Content to the end of its last block.</summary>
    public static byte[] Padded(string content)
    {
        var padded = new byte[(content.Length + 511) / 512 * 512];
        Encoding.ASCII.GetBytes(content).CopyTo(padded.AsSpan());
        return padded;
    }

    /// <summary>The first entry of a tar.</summary>
    public static async Task<TarEntryRead> FirstAsync(byte[] tar) => (await ReadAsync(new MemoryStream(tar), Usual))[0];

    /// <summary>All of them.</summary>
    public static async Task<List<TarEntryRead>> ReadAsync(Stream tar, TarLimits limits)
    {
        var reader = new BoundedTarReader(tar, limits);
        var read = new List<TarEntryRead>();
        while (await reader.NextAsync(Token) is { } entry)
        {
            var content = new MemoryStream();
            await entry.CopyToAsync(content, Token);
            content.Length.ShouldBe(entry.Length);
            read.Add(new TarEntryRead(entry.Name, entry.Kind, entry.LinkTarget, entry.Mode, entry.ModificationTime, Encoding.ASCII.GetString(content.ToArray())));
        }

        return read;
    }

    /// <summary>A record begins with its own length.</summary>
    private static string Record(string said)
    {
        var length = said.Length + 3;
        length += length.ToString(CultureInfo.InvariantCulture).Length - 1;
        return $"{length} {said}\n";
    }
}

/// <summary>What a tar says of one entry, and its content.</summary>
internal sealed record TarEntryRead(string Name, TarEntryType Kind, string LinkTarget, UnixFileMode Mode, DateTimeOffset ModificationTime, string Text);

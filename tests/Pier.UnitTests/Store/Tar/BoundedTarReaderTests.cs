using System.Formats.Tar;
using System.Text;
using Pier.Content.Contracts;
using static Pier.UnitTests.Store.Tar.TarBlocks;

namespace Pier.UnitTests.Store.Tar;

/// <summary>Tars of every format that the base library writes, by hand where it does not, cut and mutated.</summary>
public sealed class BoundedTarReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(TarEntryFormat.V7)]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public async Task Each_format_is_read_as_the_base_library_reads_it(TarEntryFormat format)
    {
        var tar = Write(format);
        var theirs = new List<TarEntryRead>();
        using (var reader = new TarReader(new MemoryStream(tar)))
        {
            while (reader.GetNextEntry() is { } entry)
            {
                var kind = entry.EntryType == TarEntryType.V7RegularFile ? TarEntryType.RegularFile : entry.EntryType;
                var text = entry.DataStream is { } data ? await new StreamReader(data).ReadToEndAsync(Token) : "";
                theirs.Add(new TarEntryRead(entry.Name, kind, entry.LinkName ?? "", entry.Mode, entry.ModificationTime, text));
            }
        }

        (await ReadAsync(new MemoryStream(tar), Usual)).ShouldBe(theirs);
        (await ReadAsync(new OneWay(tar), Usual)).ShouldBe(theirs, "a stream that cannot seek");
    }

    [Theory]
    [InlineData("30 mtime=1700000000.123456789\n", "2023-11-14T22:13:20.1234567+00:00")]
    [InlineData("14 mtime=-1.5\n", "1969-12-31T23:59:58.5000000+00:00")]
    [InlineData("15 mtime=1e-05\n", "1970-01-01T00:00:00.0000100+00:00")]
    [InlineData("27 mtime=99999999999999999\n", "9999-12-31T23:59:59.0000000+00:00")]
    [InlineData("28 mtime=-99999999999999999\n", "0001-01-01T00:00:00.0000000+00:00")]
    public async Task Times_of_pax_headers_have_fractions_and_ends(string record, string expected) =>
        (await FirstAsync([.. Header('x', record.Length), .. Padded(record), .. Header('0', 0)])).ModificationTime.ToString("O").ShouldBe(expected);

    [Fact]
    public async Task What_gnu_writes_of_times_before_1970_and_after_2242_is_read()
    {
        var before = Header('0', 0, header => Enumerable.Repeat((byte)0xFF, 12).ToArray().CopyTo(header.AsSpan(136)));
        (await FirstAsync(before)).ModificationTime.ToUnixTimeSeconds().ShouldBe(-1);
        byte[] late = [0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0];
        (await FirstAsync(Header('0', 0, header => late.CopyTo(header.AsSpan(136))))).ModificationTime.ToUnixTimeSeconds().ShouldBe(1L << 33);
    }

    [Fact]
    public async Task A_folder_of_an_old_tar_is_one_by_its_slash_and_links_have_no_content_whatever_they_claim()
    {
        byte[] tar = [.. Header('\0', 0, name: "folder/"), .. Header('1', 700, name: "link"), .. Header('7', 3, name: "file"), .. Padded("abc")];

        var read = await ReadAsync(new MemoryStream(tar), Usual);

        read.Select(entry => (entry.Name, entry.Kind, entry.Text)).ShouldBe(
            [("folder/", TarEntryType.Directory, ""), ("link", TarEntryType.HardLink, ""), ("file", TarEntryType.RegularFile, "abc")]);
    }

    [Fact]
    public async Task What_is_said_for_all_entries_is_passed_over()
    {
        byte[] tar = [.. Header('g', 600), .. Padded(new string('c', 600)), .. Header('0', 0, name: "file")];

        (await FirstAsync(tar)).Name.ShouldBe("file");
    }

    [Theory]
    [InlineData("9 mtime=x\n")]
    [InlineData("11 size=-1\n")]
    [InlineData("13 size=1e05\n")]
    [InlineData("0 path=a\n")]
    [InlineData("99 path=a\n")]
    [InlineData("path=a\n")]
    [InlineData("10 path=abc")]
    public async Task A_malformed_pax_header_is_refused(string record) =>
        await Should.ThrowAsync<ContentFormatException>(() => FirstAsync([.. Header('x', record.Length), .. Padded(record), .. Header('0', 0)]));

    [Theory]
    [InlineData('x')]
    [InlineData('L')]
    [InlineData('K')]
    public async Task Names_and_attributes_are_bounded_before_they_are_read(char type)
    {
        var limits = Usual with { Extension = 1000 };
        byte[] fits = [.. Header(type, 1000), .. Padded(type == 'x' ? $"1000 comment={new string('c', 986)}\n" : new string('n', 1000)), .. Header('0', 0)];

        (await ReadAsync(new MemoryStream(fits), limits)).Count.ShouldBe(1);
        (await Should.ThrowAsync<ContentFormatException>(() => ReadAsync(new MemoryStream(Header(type, 1001)), limits)))
            .Message.ShouldContain("1001 bytes; at most 1000");
    }

    [Fact]
    public async Task Headers_that_lead_to_no_entry_are_counted()
    {
        byte[] tar = [.. Enumerable.Range(0, 101).SelectMany(_ => Header('x', 0))];

        (await Should.ThrowAsync<ContentFormatException>(() => ReadAsync(new MemoryStream(tar), Usual))).Message.ShouldContain("more than 100");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_cut_or_mutated_tar_gives_entries_or_a_documented_error(int seed)
    {
        var random = new Random(seed);
        var formats = new[] { TarEntryFormat.V7, TarEntryFormat.Ustar, TarEntryFormat.Pax, TarEntryFormat.Gnu };
        for (var round = 0; round < 500; round++)
        {
            var tar = Write(formats[round % formats.Length]);
            var mutated = random.Next(4) == 0 ? tar[..random.Next(tar.Length)] : tar;
            for (var change = random.Next(3); change > 0 && mutated.Length > 0; change--)
            {
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            }

            // What follows a header is changed more often than its checksum allows.
            for (var at = 0; at + 512 <= mutated.Length && random.Next(2) == 0; at += 512)
            {
                Sum(mutated.AsSpan(at, 512));
            }

            try
            {
                await ReadAsync(round % 2 == 0 ? new MemoryStream(mutated) : new OneWay(mutated), Usual);
            }
            catch (ContentFormatException)
            {
                // Documented.
            }
        }
    }

    private static byte[] Write(TarEntryFormat format)
    {
        var (name, link) = format switch
        {
            TarEntryFormat.V7 => ("name", "target"),
            TarEntryFormat.Ustar => ($"{new string('p', 100)}/{new string('n', 99)}", new string('t', 100)),
            _ => (new string('n', 300), new string('t', 300)),
        };
        var buffer = new MemoryStream();
        using (var tar = new TarWriter(buffer, format, leaveOpen: true))
        {
            Add(TarEntryType.Directory, "folder/");
            Add(format == TarEntryFormat.V7 ? TarEntryType.V7RegularFile : TarEntryType.RegularFile, name, text: "content");
            Add(TarEntryType.SymbolicLink, "symbolic", link);
            Add(TarEntryType.HardLink, "hard", link);
            Add(format == TarEntryFormat.V7 ? TarEntryType.V7RegularFile : TarEntryType.RegularFile, "last", text: new string('x', 513));

            void Add(TarEntryType type, string path, string? target = null, string? text = null)
            {
                TarEntry entry = format switch
                {
                    TarEntryFormat.V7 => new V7TarEntry(type, path),
                    TarEntryFormat.Ustar => new UstarTarEntry(type, path),
                    TarEntryFormat.Pax => new PaxTarEntry(type, path),
                    _ => new GnuTarEntry(type, path),
                };
                (entry.Mode, entry.ModificationTime) = ((UnixFileMode)0b111_101_101, DateTimeOffset.UnixEpoch.AddDays(5));
                if (target is not null)
                {
                    entry.LinkName = target;
                }

                if (text is not null)
                {
                    entry.DataStream = new MemoryStream(Encoding.ASCII.GetBytes(text));
                }

                tar.WriteEntry(entry);
            }
        }

        return buffer.ToArray();
    }

    private sealed class OneWay(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}

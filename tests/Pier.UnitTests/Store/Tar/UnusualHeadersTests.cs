using System.Formats.Tar;
using System.Text;
using Pier.Content.Contracts;
using static Pier.UnitTests.Store.Tar.TarBlocks;

namespace Pier.UnitTests.Store.Tar;

/// <summary>Headers that other tools read: a value that nobody needs does not cost the tar.</summary>
public sealed class UnusualHeadersTests
{
    private const int Mode = 100;
    private const int Size = 124;
    private const int Time = 136;

    [Fact]
    public async Task An_empty_value_is_none_and_takes_back_what_was_said_before()
    {
        byte[] tar = [.. Pax("path=other", "size=1", "mtime=9", "path=", "linkpath=", "size=", "mtime="), .. Header('0', 3, Written), .. Padded("abc")];

        var read = await FirstAsync(tar);

        (read.Name, read.Text, read.LinkTarget, read.ModificationTime.ToUnixTimeSeconds()).ShouldBe(("name", "abc", "", 5L));
    }

    [Theory]
    [InlineData("mtime=yesterday")]
    [InlineData("mtime=1e99")]
    public async Task A_time_that_cannot_be_read_is_the_headers(string record) =>
        (await FirstAsync([.. Pax(record), .. Header('0', 0, Written)])).ModificationTime.ToUnixTimeSeconds().ShouldBe(5);

    [Theory]
    [InlineData("644\0\0\0\0x", "644")]
    [InlineData(" 644 9\0\0", "644")]
    [InlineData("\x80\0\0\0\0\0\x01\xA4", "644")]
    [InlineData("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "7777")]
    [InlineData("\0\0\0\0\0\0\0\0", "0")]
    [InlineData("0000689\0", "755")]
    [InlineData("\0\0\0\0\0\0\0x", "755")]
    public async Task A_mode_is_read_as_other_tools_do_or_none_is_said(string field, string expected)
    {
        var read = await FirstAsync(Header('0', 0, header => Encoding.Latin1.GetBytes(field).CopyTo(header.AsSpan(Mode))));

        Convert.ToString((int)read.Mode, 8).ShouldBe(expected);
    }

    [Theory]
    [InlineData("00000000005x", 0)]
    [InlineData("5\09999999999", 5)]
    [InlineData("\x80\x01\0\0\0\0\0\0\0\0\0\0", 0)]
    public async Task A_time_that_is_no_number_is_none(string field, long expected) =>
        (await FirstAsync(Header('0', 0, header => Encoding.Latin1.GetBytes(field).CopyTo(header.AsSpan(Time))))).ModificationTime.ToUnixTimeSeconds().ShouldBe(expected);

    [Theory]
    [InlineData("3\0garbage\0x")]
    [InlineData("\x80\0\0\0\0\0\0\0\0\0\0\x03")]
    public async Task A_size_ends_at_its_nul_or_is_binary(string field) =>
        (await FirstAsync([.. Header('0', 0, header => Encoding.Latin1.GetBytes(field.PadRight(12, '\0')).CopyTo(header.AsSpan(Size))), .. Padded("abc")])).Text.ShouldBe("abc");

    [Theory]
    [InlineData("0000000003x\0")]
    [InlineData("\x80\x01\0\0\0\0\0\0\0\0\0\0")]
    [InlineData("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF")]
    public async Task A_size_that_is_none_is_refused_whatever_it_is_of(string field)
    {
        foreach (var type in "0xgLK")
        {
            await Should.ThrowAsync<ContentFormatException>(() => FirstAsync(Header(type, 0, header => Encoding.Latin1.GetBytes(field).CopyTo(header.AsSpan(Size)))));
        }
    }

    private static void Written(byte[] header) => "00000000005"u8.CopyTo(header.AsSpan(Time));
}

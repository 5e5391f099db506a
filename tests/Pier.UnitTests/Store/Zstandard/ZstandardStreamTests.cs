using System.Security.Cryptography;
using System.Text;
using Pier.Store.Zstandard;

namespace Pier.UnitTests.Store.Zstandard;

/// <summary>Frames that the reference implementation (zstd 1.5) made, and what is wrong with others.</summary>
public sealed class ZstandardStreamTests
{
    private const string Empty = "KLUv/SQAAQAAmenYUQ==";
    private const string Repeated = "KLUv/QRYVQAAEGFhAQCbhjnAAi9O/v0=";
    private const string Raw = "KLUv/QBYQQEAAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJw==";
    private const string Words =
        "KLUv/QRYHQ4AFAN0cmFja2VyIHBlZXIgZGlnZXN0IGltYWdlIGJsb2NrIHBpZWNlc3dhcm0gbGF5ZWVygOKo4SvL/h0wQmMQq6sHETQoBAWEkWgKkpTaDC2RAYgpJZvPMcztDpgjzR2Czb2tyJyBkLy/SQZp+8xnbl7nYLYWpA41OEZ2qhcdmyStYQLrFYBsIIidEkiT5acAQ8k7IU+CMtMoglXxN3O/owyn9Pon5AyfM0XPzXS3jdaf27OCByOYerrH+fwiLuGU68qxpP4IuTMfVIquPAue+cDEg9qaOw8tgYmce1kCLO7g/Aqj94MId1SjinWHZvXVH3MvUfxi4KK0ULEIZp4SFpOxuIwBXl2kjn6zQe8nSI9ikia7fmjg/JbZfX4QuIAtkh7cabbz5H9bCJOs74GnouTgi4zyCfwi0WvAuytOUk0JZdru82x7w6CMYYDPl2qz6u1ZVxUwcI3D4mTDlMEtsfelmN9LsVM8rSLsO7KJIZo26KEtQjneLcQ5fkDfB6+DihY42qf2YgI65MmrCxbTVAIXmTa0OTmQNgSw3g74jI4dFHCBLSPeI+h/0GoP+HeTPA3LzB0Cdp536qhfh1RltfXOKomhHSI=";
    private const string WordsTight =
        "KLUv/QRo1QsAMsMKEbCpA2ezszOqVbL9hmEKU1EB4/iyUpOm0PfAkjsFdGFmNKHFCM3H5uQsU4C4qMFLlv07IESAEKoy2xEgCEIjREBQgiLJMSgUhgMtiSlsR5GC+y/qYAuDO0mwgG4NCt3CO8EZHNeqWpAq4hRbJu7yA+0QWEZ9TRTX08Q1YYmcJS4JMRN1j60T7Lknd/aGIiRSqVz64Ml7m0DICoHBVmIUp8NgUdRcG4wLWR6/717njtujqVqaIjsgARJDlbjr3gd3kLheVwLr0yFeBXi+zCs6GVTKiKEfZPiBudizzDCPo3ZNiMntMGF6BL5+/jRsBOkSHwK78y9g3NpgeHXIsfu7C3ME1UWo2MZBSrgNRdznDkKkwyODiefPNcxhqp6MEQ5/eZhW3kcxoCaUxeddUf8eRKsR4khuYAr3+awGQl1Crxou6nBbCzXW6SbxMdgb5kF3vBkgSBrwtjAHBV3ppji0nmt9hOImdu2NnJDjUWPsx1pz6lFb7qwCiaEdIg==";

    private const string WordsDigest = "fb15d725afac0975b93b8f9f6e70c1cba5ce4c5285fcc8c854ed3decdb9fd414";

    private static readonly byte[] Skippable = [0x53, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3];

    [Fact]
    public async Task Frames_of_every_kind_of_block_are_read()
    {
        (await DecodeAsync(Bytes(Empty))).ShouldBeEmpty();
        (await DecodeAsync(Bytes(Repeated))).ShouldBe([.. Enumerable.Repeat((byte)'a', 100_000)]);
        (await DecodeAsync(Bytes(Raw))).ShouldBe([.. Enumerable.Range(0, 40).Select(value => (byte)value)]);
        Convert.ToHexStringLower(SHA256.HashData(await DecodeAsync(Bytes(Words)))).ShouldBe(WordsDigest);
        Convert.ToHexStringLower(SHA256.HashData(await DecodeAsync(Bytes(WordsTight)))).ShouldBe(WordsDigest);
    }

    [Fact]
    public async Task Frames_follow_one_another_and_skippable_ones_are_skipped() =>
        (await DecodeAsync([.. Skippable, .. Bytes(Raw), .. Skippable, .. Bytes(Empty), .. Bytes(Raw)])).Length.ShouldBe(80);

    [Fact]
    public async Task What_is_cut_off_is_noticed_wherever()
    {
        foreach (var frame in (byte[][])[Bytes(Repeated), Bytes(Raw), Bytes(Words), [.. Skippable]])
        {
            for (var length = 1; length < frame.Length; length++)
            {
                await Should.ThrowAsync<InvalidDataException>(() => DecodeAsync(frame[..length]), length.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }
        }
    }

    [Fact]
    public async Task A_content_that_does_not_match_its_checksum_is_noticed()
    {
        var frame = Bytes(Words);
        frame[^1] ^= 1;

        (await Should.ThrowAsync<InvalidDataException>(() => DecodeAsync(frame))).Message.ShouldContain("checksum");
    }

    [Theory]
    [InlineData("28B52FFD00FF010000", "window")]
    [InlineData("28B52FFD0158AA010000", "dictionary")]
    [InlineData("28B52FFD0858010000", "reserved")]
    [InlineData("28B52FFD00580700", "cut off")]
    [InlineData("28B52FFD0058070000", "block")]
    [InlineData("28B52FFD2005010000", "less than it said")]
    [InlineData("28B52FFD20011100004142", "block")]
    [InlineData("28B52FFDE0FFFFFFFFFFFFFFFF", "impossibly long")]
    [InlineData("00000000", "no Zstandard frame")]
    [InlineData("28B5", "no Zstandard frame")]
    public async Task Frames_that_are_not_as_they_must_be_are_refused(string hex, string says) =>
        (await Should.ThrowAsync<InvalidDataException>(() => DecodeAsync(Convert.FromHexString(hex)))).Message.ShouldContain(says);

    [Fact]
    public async Task Whatever_is_changed_nothing_but_a_clear_refusal_comes_of_it()
    {
        var random = new Random(1);
        byte[][] frames = [Bytes(Words), Bytes(WordsTight), Bytes(Repeated), Bytes(Raw)];
        for (var round = 0; round < 20_000; round++)
        {
            byte[] frame = [.. frames[random.Next(frames.Length)]];
            for (var change = random.Next(1, 5); change > 0; change--)
            {
                // The end of the header and what follows; a changed window would only be refused.
                frame[random.Next(6, frame.Length)] = (byte)random.Next(256);
            }

            try
            {
                (await DecodeAsync(frame)).Length.ShouldBeLessThan(64 << 20);
            }
            catch (InvalidDataException)
            {
                // What it should say of nearly all of them.
            }
        }
    }

    [Theory]
    [InlineData("", 0xEF46DB3751D8E999)]
    [InlineData("abc", 0x44BC2CF5AD770999)]
    public void Checksums_are_those_of_the_specification(string text, ulong expected)
    {
        var hash = new XxHash64();
        hash.Append(Encoding.ASCII.GetBytes(text));

        hash.Value.ShouldBe(expected);
    }

    private static byte[] Bytes(string text) => Convert.FromBase64String(text);

    private static async Task<byte[]> DecodeAsync(byte[] frames)
    {
        await using var stream = new ZstandardStream(new MemoryStream(frames));
        using var content = new MemoryStream();
        await stream.CopyToAsync(content, TestContext.Current.CancellationToken);
        return content.ToArray();
    }
}

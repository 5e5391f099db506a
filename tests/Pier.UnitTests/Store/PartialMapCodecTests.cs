using System.Security.Cryptography;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Store.Partial;

namespace Pier.UnitTests.Store;

public sealed class PartialMapCodecTests
{
    private static readonly Digest Hello = Digest.Compute("hello"u8);

    private static readonly PartialMap Sample = new(
        Hello, 1000, new RangeMap([new(0, 100), new(200, 50)]), new RangeMap([new(10, 20)]), [0, 50, 0, 0, 100]);

    private const string Golden =
        "504945524d4150" + "01" + "00"
        + "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
        + "00000000000003e8"
        + "00000005" + "0000000000000000" + "0000000000000032" + "0000000000000000" + "0000000000000000" + "0000000000000064"
        + "00000002" + "0000000000000000" + "0000000000000064" + "00000000000000c8" + "0000000000000032"
        + "00000001" + "000000000000000a" + "0000000000000014";

    [Fact]
    public void The_bytes_are_frozen()
    {
        var content = Convert.FromHexString(Golden);

        PartialMapCodec.Encode(Sample).ShouldBe([.. content, .. SHA256.HashData(content)]);
    }

    [Theory]
    [InlineData(SourceKind.Cache, 0)]
    [InlineData(SourceKind.Swarm, 1)]
    [InlineData(SourceKind.Member, 2)]
    [InlineData(SourceKind.Ipfs, 3)]
    [InlineData(SourceKind.Upstream, 4)]
    public void The_numbers_of_sources_are_frozen(SourceKind kind, int number) => ((int)kind).ShouldBe(number);

    [Theory]
    [InlineData(DigestAlgorithm.Sha256, 0)]
    [InlineData(DigestAlgorithm.Sha512, 1)]
    public void The_numbers_of_algorithms_are_frozen(DigestAlgorithm algorithm, int number) => ((int)algorithm).ShouldBe(number);

    [Fact]
    public void What_is_written_is_read()
    {
        var map = PartialMapCodec.Decode(PartialMapCodec.Encode(Sample), out _)!;

        map.Digest.ShouldBe(Hello);
        map.Length.ShouldBe(1000);
        map.Present.ShouldBe(Sample.Present);
        map.Readable.ShouldBe(Sample.Readable);
        map.BySource.ShouldBe(Sample.BySource);
    }

    [Fact]
    public void A_sha512_map_is_read_too()
    {
        var digest = Digest.Compute("hello"u8, DigestAlgorithm.Sha512);

        PartialMapCodec.Decode(PartialMapCodec.Encode(Sample with { Digest = digest }), out _)!.Digest.ShouldBe(digest);
    }

    [Fact]
    public void Every_torn_tail_is_noticed()
    {
        var bytes = PartialMapCodec.Encode(Sample);
        for (var length = 0; length < bytes.Length; length++)
        {
            PartialMapCodec.Decode(bytes.AsSpan(0, length), out var reason).ShouldBeNull();
            reason.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void Every_flipped_bit_is_noticed()
    {
        var bytes = PartialMapCodec.Encode(Sample);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            PartialMapCodec.Decode(bytes, out _).ShouldBeNull();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Another_version_is_named()
    {
        var bytes = PartialMapCodec.Encode(Sample);
        bytes[7] = 2;

        PartialMapCodec.Decode(bytes, out var reason).ShouldBeNull();
        reason.ShouldContain("version 2");
    }

    [Theory]
    [InlineData("present ranges beyond the end", 1000, new long[] { 990, 20 }, new long[0])]
    [InlineData("ranges out of order", 1000, new long[] { 50, 10, 0, 10 }, new long[0])]
    [InlineData("ranges that touch", 1000, new long[] { 0, 10, 10, 10 }, new long[0])]
    [InlineData("an empty range", 1000, new long[] { 5, 0 }, new long[0])]
    [InlineData("a negative offset", 1000, new long[] { -5, 10 }, new long[0])]
    [InlineData("readable bytes that are not there", 1000, new long[] { 0, 10 }, new long[] { 5, 10 })]
    [InlineData("a negative length", -1, new long[0], new long[0])]
    public void Nonsense_with_a_good_checksum_is_refused(string what, long length, long[] present, long[] readable) =>
        PartialMapCodec.Decode(Forge(length, present, readable), out _).ShouldBeNull(what);

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Any_body_with_a_good_checksum_is_a_map_or_refused(int seed)
    {
        var random = new Random(seed);
        var good = PartialMapCodec.Encode(Sample)[..^32];
        for (var i = 0; i < 20_000; i++)
        {
            var body = good[..random.Next(8, good.Length + 1)];
            for (var edit = random.Next(4); edit >= 0; edit--)
            {
                body[random.Next(8, Math.Max(9, body.Length)) % body.Length] = (byte)random.Next(256);
            }

            if (PartialMapCodec.Decode([.. body, .. SHA256.HashData(body)], out _) is { } map)
            {
                map.Readable.All(map.Present.Contains).ShouldBeTrue();
                map.Present.All(range => range.Offset >= 0 && range.End <= map.Length).ShouldBeTrue();
            }
        }
    }

    private static byte[] Forge(long length, long[] present, long[] readable)
    {
        using var stream = new MemoryStream();
        stream.Write("PIERMAP"u8);
        stream.Write([1, 0]);
        stream.Write(Hello.ToHash());
        Put(stream, length);
        stream.Write([0, 0, 0, 0]);
        foreach (var ranges in new[] { present, readable })
        {
            stream.Write([0, 0, 0, (byte)(ranges.Length / 2)]);
            Array.ForEach(ranges, value => Put(stream, value));
        }

        stream.Write(SHA256.HashData(stream.ToArray()));
        return stream.ToArray();
    }

    private static void Put(MemoryStream stream, long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        stream.Write(bytes);
    }
}

using Pier.Volumes.Fuse.Protocol;

namespace Pier.UnitTests.Volumes.Fuse;

/// <summary>The protocol's structures byte by byte, as <c>include/uapi/linux/fuse.h</c> lays them out, and what is cut short.</summary>
public sealed class FuseProtocolTests
{
    [Fact]
    public void A_request_is_read_by_its_head()
    {
        var message = Convert.FromHexString("2c00000001000000" + "0807060504030201" + "0500000000000000" + "e8030000e903000039300000" + "00000000" + "61626300");

        FuseHeader.TryRead(message, out var header).ShouldBeTrue();

        header.ShouldBe(new FuseHeader(FuseOpcode.Lookup, 0x0102030405060708, 5));
        FuseHeader.TryRead(message.AsSpan(0, 43), out _).ShouldBeFalse("another length than it says");
        FuseHeader.TryRead(message.AsSpan(0, 39), out _).ShouldBeFalse("half a head");
        FuseHeader.TryRead([], out _).ShouldBeFalse();
    }

    [Fact]
    public void An_answer_begins_with_length_error_and_name()
    {
        var message = new byte[24];
        FuseHeader.WriteAnswer(message, Errno.ReadOnlyFileSystem, 0x0102030405060708);
        Convert.ToHexStringLower(message).ShouldBe("18000000" + "e2ffffff" + "0807060504030201" + "0000000000000000");
    }

    [Fact]
    public void Init_is_read_with_both_halves_of_its_flags()
    {
        var body = Convert.FromHexString("070000002d000000" + "00000200" + "fbffff73" + "ff0f0000" + new string('0', 88));

        FuseInit.TryRead(body, out var init).ShouldBeTrue();

        init.Major.ShouldBe(7u);
        init.Minor.ShouldBe(45u);
        init.MaxReadAhead.ShouldBe(0x20000u);
        init.Features.ShouldBe((FuseFeatures)0x0fff_73fffffb);
        FuseInit.TryRead(body.AsSpan(0, 16), out var old).ShouldBeTrue("before 7.36");
        old.Features.ShouldBe((FuseFeatures)0x73fffffb);
        FuseInit.TryRead(body.AsSpan(0, 15), out _).ShouldBeFalse();
        body[15] = 0x33;
        FuseInit.TryRead(body, out var plain).ShouldBeTrue();
        ((ulong)plain.Features >> 32).ShouldBe(0UL, "the second half counts only where a bit says so");
    }

    [Fact]
    public void The_answer_to_init_has_64_bytes()
    {
        var body = new byte[64];
        new FuseInitAnswer(45, 0x100000, FuseFeatures.AsynchronousRead | FuseFeatures.MaxPages | FuseFeatures.ExtendedInit | FuseFeatures.Passthrough, 64, 4096, 256).Write(body);

        Convert.ToHexStringLower(body).ShouldBe(
            "070000002d000000" + "00001000" + "01004040" + "40003000" + "00100000" + "01000000" + "00010000" + "20000000" + "01000000" + new string('0', 48));
    }

    [Theory]
    [InlineData(1_500_000_000L, 1, 500_000_000)]
    [InlineData(-1L, -1, 999_999_999)]
    [InlineData(-2_000_000_000L, -2, 0)]
    [InlineData(0L, 0, 0)]
    public void Attributes_have_88_bytes_and_times_before_1970(long modified, long seconds, int nanoseconds)
    {
        var bytes = new byte[88];
        new FuseAttributes(7, 1025, modified, 0x81a4, 2, 1000, 1001).Write(bytes);

        var time = Convert.ToHexStringLower(BitConverter.GetBytes(seconds));
        var part = Convert.ToHexStringLower(BitConverter.GetBytes(nanoseconds));
        Convert.ToHexStringLower(bytes).ShouldBe(
            "0700000000000000" + "0104000000000000" + "0300000000000000" + time + time + time + part + part + part
            + "a4810000" + "02000000" + "e8030000" + "e9030000" + "00000000" + "00000200" + "00000000");
    }

    [Fact]
    public void Entries_and_open_files_say_what_may_be_kept()
    {
        var year = Convert.ToHexStringLower(BitConverter.GetBytes(365UL * 24 * 3600));
        var entry = new byte[FuseAnswers.EntrySize];
        FuseAnswers.Entry(entry, new FuseAttributes(9, 0, 0, 0x41ed, 1, 0, 0));
        Convert.ToHexStringLower(entry)[..80].ShouldBe("0900000000000000" + "0000000000000000" + year + year + "0000000000000000");
        FuseAnswers.NoEntry(entry);
        Convert.ToHexStringLower(entry).ShouldBe(new string('0', 32) + year + new string('0', 256 - 48));

        var attributes = new byte[FuseAnswers.AttributesSize];
        FuseAnswers.Attributes(attributes, new FuseAttributes(9, 0, 0, 0x41ed, 1, 0, 0));
        Convert.ToHexStringLower(attributes)[..48].ShouldBe(year + "0000000000000000" + "0900000000000000");

        var open = new byte[FuseAnswers.OpenSize];
        FuseAnswers.Open(open, 0x1122, FuseOpenFlags.Passthrough | FuseOpenFlags.NoFlush, 3);
        Convert.ToHexStringLower(open).ShouldBe("2211000000000000" + "a0000000" + "03000000");

        var stat = new byte[FuseAnswers.StatSize];
        FuseAnswers.Stat(stat, 4097, 12);
        Convert.ToHexStringLower(stat).ShouldBe(
            "0200000000000000" + new string('0', 32) + "0c00000000000000" + "0000000000000000" + "00100000" + "ff000000" + "00100000" + new string('0', 56));
    }

    [Fact]
    public void Directories_are_packed_until_they_are_full()
    {
        var file = new FuseAttributes(5, 1, 0, 0x81a4, 1, 0, 0);
        var plain = new byte[80];
        var writer = new DirectoryWriter(plain, plus: false);
        writer.TryAdd("abc", file, 3, isHeld: true).ShouldBeTrue();
        writer.TryAdd("abcdefghi", new FuseAttributes(6, 1, 0, 0xa1ff, 1, 0, 0), 4, isHeld: true).ShouldBeTrue();
        writer.TryAdd("x", file, 5, isHeld: true).ShouldBeFalse();
        writer.Length.ShouldBe(72);
        Convert.ToHexStringLower(plain).ShouldBe(
            "0500000000000000" + "0300000000000000" + "03000000" + "08000000" + "6162630000000000"
            + "0600000000000000" + "0400000000000000" + "09000000" + "0a000000" + "61626364656667686900000000000000" + "0000000000000000");

        var plus = new byte[400];
        var full = new DirectoryWriter(plus, plus: true);
        full.TryAdd(".", file, 1, isHeld: false).ShouldBeTrue();
        full.TryAdd("abc", file, 2, isHeld: true).ShouldBeTrue();
        full.TryAdd("abc", file, 3, isHeld: true).ShouldBeFalse();
        full.Length.ShouldBe(320);
        plus[..128].ShouldAllBe(value => value == 0, "the kernel must not hold what it does not forget");
        Convert.ToHexStringLower(plus[160..168]).ShouldBe("0500000000000000");
        Convert.ToHexStringLower(plus[288..320]).ShouldBe("0500000000000000" + "0200000000000000" + "03000000" + "08000000" + "6162630000000000");
    }

    [Fact]
    public void Names_end_with_nul_and_only_utf8_names_anything()
    {
        FuseBodies.TryName("a/b\0"u8, out var name).ShouldBeTrue();
        name.ShouldBe("a/b");
        FuseBodies.TryName([0xff, 0xfe, 0], out var strange).ShouldBeTrue();
        strange.ShouldBeNull();
        FuseBodies.TryName("abc"u8, out _).ShouldBeFalse();
        FuseBodies.TryName([], out _).ShouldBeFalse();
    }

    [Fact]
    public void Bodies_that_are_cut_short_are_none()
    {
        var read = Convert.FromHexString("1100000000000000" + "0010000000000000" + "00000200" + "00000000" + new string('0', 32));
        FuseBodies.TryRead(read, out var part).ShouldBeTrue();
        part.ShouldBe(new FuseRead(0x11, 4096, 131072));
        FuseBodies.TryRead(read.AsSpan(0, 19), out _).ShouldBeFalse();
        read[15] = 0x80;
        FuseBodies.TryRead(read, out _).ShouldBeFalse("before the start");
        FuseBodies.TrySeek(read, out var seek).ShouldBeTrue();
        seek.Offset.ShouldBeLessThan(0);
        FuseBodies.TrySeek(read.AsSpan(0, 19), out _).ShouldBeFalse();
        FuseBodies.TryOpen([2, 0, 0, 0, 0, 0, 0, 0], out var readOnly).ShouldBeTrue();
        readOnly.ShouldBeFalse();
        FuseBodies.TryOpen([0, 0x80, 0, 0, 0, 0, 0, 0], out readOnly).ShouldBeTrue();
        readOnly.ShouldBeTrue();
        FuseBodies.TryOpen([0, 0, 0], out readOnly).ShouldBeFalse();
        readOnly.ShouldBeFalse();
        FuseBodies.TryHandle([1, 2], out _).ShouldBeFalse();
        FuseBodies.TryExtendedAttribute([4, 0, 0, 0, 0, 0, 0, 0, 0x75, 0], out var size, out var attribute).ShouldBeTrue();
        (size, attribute).ShouldBe((4u, "u"));
        FuseBodies.TryExtendedAttribute([4, 0, 0, 0, 0, 0, 0, 0], out _, out attribute).ShouldBeTrue();
        attribute.ShouldBeNull();
        FuseBodies.TryExtendedAttribute([4, 0, 0, 0, 0], out _, out _).ShouldBeFalse();
        FuseBodies.TryExtendedAttribute([4, 0], out _, out _).ShouldBeFalse();
        FuseBodies.TryExtendedAttribute([4, 0, 0, 0, 0, 0, 0, 0, 0x75], out _, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_batch_that_claims_more_than_it_has_forgets_what_is_there()
    {
        FuseBodies.Forgotten(KernelSide.Words(2, 7, 1, 8, 2)).Length.ShouldBe(32);
        FuseBodies.Forgotten(KernelSide.Words(uint.MaxValue, 7, 1)).Length.ShouldBe(16);
        FuseBodies.Forgotten(KernelSide.Words(1, 7)).Length.ShouldBe(0);
        FuseBodies.Forgotten([1, 2, 3]).Length.ShouldBe(0);
    }

    [Fact]
    public void Any_bytes_are_read_without_fault()
    {
        var random = new Random(5);
        for (var round = 0; round < 20_000; round++)
        {
            var body = new byte[random.Next(64)];
            random.NextBytes(body);
            FuseHeader.TryRead(body, out _).ShouldBeFalse();
            FuseInit.TryRead(body, out _);
            FuseBodies.TryName(body, out _);
            FuseBodies.TryRead(body, out _);
            FuseBodies.TrySeek(body, out _);
            FuseBodies.TryExtendedAttribute(body, out _, out _);
            (FuseBodies.Forgotten(body).Length % 16).ShouldBe(0);
        }
    }
}

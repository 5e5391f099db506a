using Pier.Content;
using Pier.Membership.Holdings;

namespace Pier.UnitTests.Membership.Holdings;

/// <summary>What members tell each other of what they hold, byte by byte.</summary>
public sealed class HoldingsDeltaTests
{
    private const string Golden = "0100" + "0102030405060708" + "0000000000000009" + "00000001" + "00000002" + "aaaaaaaaaaaaaaaa" + "00000000000000bb" + "cc00000000000000";

    private static HoldingsDelta Sample => new(new HoldingsVersion(0x0102030405060708, 9), [0xaaaaaaaaaaaaaaaa], [0xbb, 0xcc00000000000000]);

    [Fact]
    public void It_is_frozen_to_the_byte_and_reads_back()
    {
        Convert.ToHexStringLower(Sample.Write()).ShouldBe(Golden);
        var read = HoldingsDelta.Parse(Convert.FromHexString(Golden)).ShouldNotBeNull();
        read.Version.ShouldBe(Sample.Version);
        read.Added.ShouldBe(Sample.Added);
        read.Removed.ShouldBe(Sample.Removed);
        (read.IsWhole, read.IsTruncated).ShouldBe((false, false));
        var whole = HoldingsDelta.Parse((Sample with { IsWhole = true, IsTruncated = true }).Write()).ShouldNotBeNull();
        (whole.IsWhole, whole.IsTruncated).ShouldBe((true, true));
        HoldingsDelta.KeyOf(Digest.Parse("sha256:" + "0123456789abcdef" + new string('f', 48))).ShouldBe(0x0123456789abcdefUL);
    }

    [Fact]
    public void What_is_malformed_is_refused()
    {
        var good = Convert.FromHexString(Golden);
        HoldingsDelta.Parse([]).ShouldBeNull();
        HoldingsDelta.Parse(good.AsSpan(0, 25)).ShouldBeNull();
        HoldingsDelta.Parse(good.AsSpan(0, good.Length - 1)).ShouldBeNull();
        HoldingsDelta.Parse([.. good, 0]).ShouldBeNull();
        HoldingsDelta.Parse([2, .. good.AsSpan(1)]).ShouldBeNull();
        HoldingsDelta.Parse([1, 4, .. good.AsSpan(2)]).ShouldBeNull();
        HoldingsDelta.Parse([.. good.AsSpan(0, 18), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, .. good.AsSpan(26)]).ShouldBeNull();
        HoldingsDelta.Parse(new byte[HoldingsDelta.MaxBytes + 8]).ShouldBeNull();
    }

    [Fact]
    public void No_mutation_does_more_than_be_refused_or_read()
    {
        var random = new Random(42);
        var good = Convert.FromHexString(Golden);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = good[..random.Next(good.Length + 1)];
            for (var change = random.Next(4); change > 0 && bytes.Length > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var read = HoldingsDelta.Parse(bytes);
            (read is null || (read.Added.Count + read.Removed.Count) * 8 + 26 == bytes.Length).ShouldBeTrue();
        }
    }
}

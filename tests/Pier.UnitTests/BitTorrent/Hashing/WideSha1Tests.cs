using System.Security.Cryptography;
using Pier.BitTorrent.Hashing;

namespace Pier.UnitTests.BitTorrent.Hashing;

/// <summary>SHA-1 of several messages at once is SHA-1 of each, where the processor can do it.</summary>
public sealed class WideSha1Tests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(64, 16)]
    [InlineData(512, 3)]
    [InlineData(576, 16)]
    [InlineData(16384, 15)]
    [InlineData(65600, 16)]
    public void Each_lane_has_the_hash_of_its_message(int length, int count)
    {
        var messages = Messages(length, count);
        if (!WideSha1.IsSupported)
        {
            Should.Throw<PlatformNotSupportedException>(() => WideSha1.HashMessages(messages, new byte[320]));
            return;
        }

        var hashes = new byte[count * 20];
        WideSha1.HashMessages(messages, hashes);
        for (var lane = 0; lane < count; lane++)
        {
            Convert.ToHexString(hashes.AsSpan(lane * 20, 20)).ShouldBe(Convert.ToHexString(SHA1.HashData(messages[lane].Span)), $"lane {lane}");
        }
    }

    /// <summary>The third example of FIPS 180-1: a million times the letter a.</summary>
    [Fact]
    public void A_million_letters_have_the_published_hash()
    {
        if (WideSha1.IsSupported)
        {
            var message = new byte[1_000_000];
            message.AsSpan().Fill((byte)'a');
            var hashes = new byte[40];
            WideSha1.HashMessages([message, message], hashes);
            Convert.ToHexStringLower(hashes.AsSpan(20)).ShouldBe("34aa973cd4c4daa4f61eeb2bdbad27316534016f");
        }
    }

    [Fact]
    public void Messages_of_odd_or_different_lengths_are_refused()
    {
        if (WideSha1.IsSupported)
        {
            Should.Throw<ArgumentException>(() => WideSha1.HashMessages([], new byte[20]));
            Should.Throw<ArgumentException>(() => WideSha1.HashMessages(Messages(65, 2), new byte[40]));
            Should.Throw<ArgumentException>(() => WideSha1.HashMessages([new byte[64], new byte[128]], new byte[40]));
            Should.Throw<ArgumentException>(() => WideSha1.HashMessages(Messages(64, 17), new byte[340]));
        }
    }

    private static ReadOnlyMemory<byte>[] Messages(int length, int count)
    {
        var random = new Random(length);
        return
        [
            .. Enumerable.Range(0, count).Select(_ =>
            {
                var message = new byte[length];
                random.NextBytes(message);
                return (ReadOnlyMemory<byte>)message;
            }),
        ];
    }
}

using System.Security.Cryptography;
using Pier.BitTorrent.Hashing;

namespace Pier.UnitTests.BitTorrent.Hashing;

/// <summary>SHA-256 of sixteen blocks at once is SHA-256 of each, where the processor can do it.</summary>
public sealed class WideSha256Tests
{
    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    [InlineData(192)]
    [InlineData(16384)]
    public void Each_lane_has_the_hash_of_its_block(int length)
    {
        if (!WideSha256.IsSupported)
        {
            Should.Throw<PlatformNotSupportedException>(() => WideSha256.HashBlocks(new byte[16 * 64], new byte[512]));
            return;
        }

        var blocks = new byte[WideSha256.Lanes * length];
        new Random(length).NextBytes(blocks);
        var hashes = new byte[WideSha256.Lanes * 32];
        WideSha256.HashBlocks(blocks, hashes);
        for (var lane = 0; lane < WideSha256.Lanes; lane++)
        {
            Convert.ToHexString(hashes.AsSpan(lane * 32, 32))
                .ShouldBe(Convert.ToHexString(SHA256.HashData(blocks.AsSpan(lane * length, length))), $"lane {lane}");
        }
    }
}

using System.Security.Cryptography;
using Pier.BitTorrent.Hashing;

namespace Pier.UnitTests.BitTorrent.Hashing;

public sealed class MerkleTests
{
    [Fact]
    public void Padding_hashes_follow_from_zero_leaves()
    {
        Convert.ToHexStringLower(MerkleTree.Padding(0)).ShouldBe(new string('0', 64));

        // SHA-256 of 64 zero bytes, a published value.
        Convert.ToHexStringLower(MerkleTree.Padding(1)).ShouldBe("f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b");
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(1024, 10)]
    [InlineData(1025, 11)]
    public void Height_is_that_of_the_next_power_of_two(long nodes, int height) => MerkleTree.HeightOver(nodes).ShouldBe(height);

    [Fact]
    public void Folding_equals_the_tree_drawn_in_full()
    {
        for (var count = 1; count <= 40; count++)
        {
            for (var minHeight = 0; minHeight <= 7; minHeight++)
            {
                var leaves = Enumerable.Range(0, count).Select(number => SHA256.HashData([(byte)number])).ToList();
                var fold = new MerkleFold(layerHeight: 0);
                foreach (var leaf in leaves)
                {
                    fold.Add(leaf);
                }

                var root = new byte[32];
                fold.Root(minHeight, root);
                root.ShouldBe(FullTree(leaves, minHeight), $"{count} leaves, at least {minHeight} levels");
            }
        }
    }

    [Fact]
    public void The_root_of_a_file_is_libtorrents()
    {
        using var hasher = new FileTreeHasher(16_384);
        hasher.Append(Enumerable.Repeat((byte)'a', 40_000).ToArray());
        var hash = hasher.Finish();
        hash.Root.ToString().ShouldBe("225106564456ed33b02cc22e9d6f5014fd9f4c5383bee6605e07664a44d260ea");
        hash.Layer.Length.ShouldBe(3 * 32);

        hasher.Append(new byte[16_384]);
        hasher.Finish().Layer.IsEmpty.ShouldBeTrue("a file of one piece has no layer");
        hasher.Finish().Root.ShouldBeNull("an empty file has no tree");
    }

    private static byte[] FullTree(List<byte[]> leaves, int minHeight)
    {
        var width = Math.Max(1 << minHeight, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)leaves.Count));
        var layer = leaves.Concat(Enumerable.Repeat(new byte[32], width - leaves.Count)).ToArray();
        while (layer.Length > 1)
        {
            layer = [.. layer.Chunk(2).Select(pair => SHA256.HashData([.. pair[0], .. pair[1]]))];
        }

        return layer[0];
    }
}

using Pier.BitTorrent.Bencoding;

namespace Pier.UnitTests.BitTorrent.Fuzzing;

/// <summary>Bends well-formed bencoding: most mutants still parse and differ in meaning, some are broken bytes.</summary>
internal sealed class BencodeMutator(int seed)
{
    private static readonly long[] Integers = [0, 1, -1, 2, 20, 16384, int.MaxValue, uint.MaxValue, 1L << 40, long.MaxValue, long.MinValue];

    private readonly Random _random = new(seed);

    public byte[] Mutate(byte[] seedData)
    {
        var root = BencodeNode.Parse(seedData);
        for (var times = _random.Next(3); times >= 0; times--)
        {
            Bend(root);
        }

        var data = root.Write();
        return _random.Next(4) == 0 ? Damage(data) : data;
    }

    private void Bend(BencodeNode root)
    {
        var nodes = root.Descendants().ToArray();
        var node = nodes[_random.Next(nodes.Length)];
        switch (_random.Next(6))
        {
            case 0:
                node.Kind = (BencodeKind)_random.Next(4);
                break;
            case 1:
                node.Integer = Integers[_random.Next(Integers.Length)];
                node.Bytes = BendBytes(node.Bytes);
                break;
            case 2 when node.Children.Count > 0:
                node.Children.RemoveAt(_random.Next(node.Children.Count));
                break;
            case 3:
                node.Children.Insert(_random.Next(node.Children.Count + 1), nodes[_random.Next(nodes.Length)].Clone());
                break;
            case 4 when node.Children.Count > 1:
                node.Children.Reverse(0, 2);
                break;
            default:
                var other = nodes[_random.Next(nodes.Length)].Clone();
                (node.Kind, node.Integer, node.Bytes) = (other.Kind, other.Integer, other.Bytes);
                break;
        }
    }

    private byte[] BendBytes(byte[] bytes) => _random.Next(6) switch
    {
        0 => [],
        1 => [.. bytes, .. bytes],
        2 => ".."u8.ToArray(),
        3 => [.. bytes, 0],
        4 when bytes.Length > 0 => bytes[1..],
        _ => Damage(bytes),
    };

    private byte[] Damage(byte[] bytes)
    {
        var damaged = (byte[])bytes.Clone();
        if (damaged.Length > 0)
        {
            damaged[_random.Next(damaged.Length)] = (byte)_random.Next(256);
        }

        return _random.Next(2) == 0 ? damaged[.._random.Next(damaged.Length + 1)] : damaged;
    }
}

using System.Buffers;
using Pier.BitTorrent.Bencoding;

namespace Pier.UnitTests.BitTorrent.Fuzzing;

/// <summary>A bencoded value as a tree that a test can bend before it is written again, well-formed or not.</summary>
internal sealed class BencodeNode
{
    public BencodeKind Kind { get; set; }

    public long Integer { get; set; }

    public byte[] Bytes { get; set; } = [];

    /// <summary>Items of a list; keys and values in turn of a dictionary.</summary>
    public List<BencodeNode> Children { get; private init; } = [];

    public static BencodeNode Parse(ReadOnlySpan<byte> data)
    {
        var reader = new BencodeReader(data, BencodeKeyOrder.Tolerant);
        return Read(ref reader);
    }

    public byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        WriteTo(new BencodeWriter(buffer));
        return buffer.WrittenSpan.ToArray();
    }

    public BencodeNode Clone() => new()
    {
        Kind = Kind,
        Integer = Integer,
        Bytes = (byte[])Bytes.Clone(),
        Children = [.. Children.Select(child => child.Clone())],
    };

    public IEnumerable<BencodeNode> Descendants() => Children.SelectMany(child => child.Descendants()).Prepend(this);

    private void WriteTo(BencodeWriter writer)
    {
        switch (Kind)
        {
            case BencodeKind.Integer:
                writer.WriteInteger(Integer);
                break;
            case BencodeKind.Bytes:
                writer.WriteBytes(Bytes);
                break;
            default:
                if (Kind == BencodeKind.List)
                {
                    writer.WriteListStart();
                }
                else
                {
                    writer.WriteDictionaryStart();
                }

                foreach (var child in Children)
                {
                    child.WriteTo(writer);
                }

                writer.WriteEnd();
                break;
        }
    }

    private static BencodeNode Read(ref BencodeReader reader)
    {
        var node = new BencodeNode { Kind = reader.PeekKind() };
        switch (node.Kind)
        {
            case BencodeKind.Integer:
                node.Integer = reader.ReadInteger();
                break;
            case BencodeKind.Bytes:
                node.Bytes = reader.ReadBytes().ToArray();
                break;
            case BencodeKind.List:
                for (reader.EnterList(); reader.NextItem();)
                {
                    node.Children.Add(Read(ref reader));
                }

                break;
            default:
                for (reader.EnterDictionary(); reader.TryReadKey(out var key);)
                {
                    node.Children.Add(new BencodeNode { Kind = BencodeKind.Bytes, Bytes = key.ToArray() });
                    node.Children.Add(Read(ref reader));
                }

                break;
        }

        return node;
    }
}

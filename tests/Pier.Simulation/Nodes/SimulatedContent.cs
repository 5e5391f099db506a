using System.Buffers;
using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Torrents;

namespace Pier.Simulation.Nodes;

/// <summary>A blob that nobody has bytes of: its torrent is real, its hashes are zeros.</summary>
internal sealed class SimulatedContent
{
    private const int HashSize = 20;
    private const long Mebi = 1L << 20;

    private readonly HashSet<int> _out = [];

    public SimulatedContent(string name, long length)
    {
        var pieceLength = PieceLengthOf(length);
        var output = new ArrayBufferWriter<byte>();
        var writer = new BencodeWriter(output);
        output.Write("d"u8);
        writer.WriteInteger("length"u8, length);
        writer.WriteKey("name"u8);
        writer.WriteText(name);
        writer.WriteInteger("piece length"u8, pieceLength);
        writer.WriteKey("pieces"u8);
        writer.WriteBytes(new byte[(length + pieceLength - 1) / pieceLength * HashSize]);
        output.Write("e"u8);
        Metainfo = Metainfo.ParseInfo(output.WrittenMemory.ToArray(), MetainfoEnvelope.Empty, MetainfoLimits.Default);
    }

    /// <summary>The torrent.</summary>
    public Metainfo Metainfo { get; }

    /// <summary>Bytes.</summary>
    public long Length => Metainfo.TotalLength;

    /// <summary>When every piece had come to some node that did not have it from the start; null until then.</summary>
    public long? OutAt { get; private set; }

    /// <summary>A piece has come to a node.</summary>
    public void Came(int piece, int pieceCount, long now)
    {
        if (_out.Add(piece) && _out.Count == pieceCount)
        {
            OutAt = now;
        }
    }

    // The ladder of blob torrents (design §4).
    private static long PieceLengthOf(long length) => length switch
    {
        <= 64 * Mebi => Mebi / 4,
        <= 1024 * Mebi => Mebi,
        <= 16 * 1024 * Mebi => 4 * Mebi,
        _ => 16 * Mebi,
    };
}

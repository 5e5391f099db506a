using System.Buffers;
using Pier.BitTorrent.Bencoding;

namespace Pier.BitTorrent.Torrents;

/// <summary>
/// The v1 half of a hybrid torrent as a torrent of its own: the same pieces under another info-hash. For clients that cannot
/// read a hybrid's info dictionary because its file tree has empty keys, as aria2 up to 1.36 (issue 1903) and Transmission up
/// to 3.00 (issue 1339).
/// </summary>
public static class V1Twin
{
    /// <summary>The twin, or null of a torrent that is not hybrid.</summary>
    public static Metainfo? Of(Metainfo metainfo)
    {
        ArgumentNullException.ThrowIfNull(metainfo);
        if (!metainfo.HasV1 || !metainfo.HasV2)
        {
            return null;
        }

        var output = new ArrayBufferWriter<byte>(metainfo.Info.Length);
        var writer = new BencodeWriter(output);
        var reader = new BencodeReader(metainfo.Info.Span, BencodeKeyOrder.Tolerant);
        writer.WriteDictionaryStart();
        reader.EnterDictionary();
        while (reader.TryReadKey(out var key))
        {
            var value = reader.ReadRaw();
            if (!key.SequenceEqual("file tree"u8) && !key.SequenceEqual("meta version"u8))
            {
                writer.WriteKey(key);
                writer.WriteRaw(value);
            }
        }

        writer.WriteEnd();
        return Metainfo.ParseInfo(output.WrittenMemory, metainfo.Envelope, MetainfoLimits.Default);
    }
}

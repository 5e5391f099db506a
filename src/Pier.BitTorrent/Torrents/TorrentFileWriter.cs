using System.Buffers;
using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Hashing;

namespace Pier.BitTorrent.Torrents;

/// <summary>Writes a .torrent file: the original info dictionary with piece layers and hints around it (BEP 3, 12, 19, 52).</summary>
internal static class TorrentFileWriter
{
    public static void Write(Metainfo metainfo, IBufferWriter<byte> output)
    {
        var writer = new BencodeWriter(output);
        var envelope = metainfo.Envelope;
        writer.WriteDictionaryStart();
        if (envelope.TrackerTiers is [[var first, ..], ..])
        {
            writer.WriteText("announce"u8, first);
        }

        if (envelope.TrackerTiers is not ([] or [[_]]))
        {
            WriteTiers(writer, envelope.TrackerTiers);
        }

        WriteRemark(writer, "comment"u8, envelope.Comment);
        WriteRemark(writer, "created by"u8, envelope.CreatedBy);
        if (envelope.CreationDate is { } date)
        {
            writer.WriteInteger("creation date"u8, date.ToUnixTimeSeconds());
        }

        if (envelope.HttpSeeds.Count > 0)
        {
            writer.WriteKey("httpseeds"u8);
            WriteList(writer, envelope.HttpSeeds);
        }

        writer.WriteKey("info"u8);
        writer.WriteRaw(metainfo.Info.Span);
        if (metainfo.HasV2)
        {
            WriteLayers(writer, metainfo);
        }

        if (envelope.WebSeeds.Count > 0)
        {
            writer.WriteKey("url-list"u8);
            WriteList(writer, envelope.WebSeeds);
        }

        writer.WriteEnd();
    }

    private static void WriteTiers(BencodeWriter writer, IReadOnlyList<IReadOnlyList<string>> tiers)
    {
        writer.WriteKey("announce-list"u8);
        writer.WriteListStart();
        foreach (var tier in tiers)
        {
            WriteList(writer, tier);
        }

        writer.WriteEnd();
    }

    private static void WriteLayers(BencodeWriter writer, Metainfo metainfo)
    {
        // Roots are keys and must ascend by their bytes; hexadecimal sorts the same way.
        var layers = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < metainfo.Files.Count; index++)
        {
            if (!metainfo.PieceLayer(index).IsEmpty)
            {
                layers[metainfo.Files[index].PiecesRoot!.Value.ToString()] = index;
            }
        }

        Span<byte> root = stackalloc byte[MerkleTree.HashSize];
        writer.WriteKey("piece layers"u8);
        writer.WriteDictionaryStart();
        foreach (var index in layers.Values)
        {
            metainfo.Files[index].PiecesRoot!.Value.CopyTo(root);
            writer.WriteBytes(root, metainfo.PieceLayer(index).Span);
        }

        writer.WriteEnd();
    }

    private static void WriteList(BencodeWriter writer, IReadOnlyList<string> addresses)
    {
        writer.WriteListStart();
        foreach (var address in addresses)
        {
            writer.WriteText(address);
        }

        writer.WriteEnd();
    }

    private static void WriteRemark(BencodeWriter writer, ReadOnlySpan<byte> key, string? remark)
    {
        if (remark is not null)
        {
            writer.WriteText(key, remark);
        }
    }
}

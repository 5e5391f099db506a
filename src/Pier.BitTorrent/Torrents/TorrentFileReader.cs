using System.Text;
using Pier.BitTorrent.Bencoding;

namespace Pier.BitTorrent.Torrents;

/// <summary>Reads a .torrent file: the info dictionary, its piece layers, and the hints around them (BEP 3, 12, 19, 52).</summary>
internal static class TorrentFileReader
{
    /// <exception cref="MetainfoException">Not a torrent, or one that is refused.</exception>
    public static Metainfo Read(ReadOnlyMemory<byte> torrent, MetainfoLimits limits)
    {
        if (torrent.Length > limits.MaxTorrentBytes)
        {
            throw new MetainfoException("torrent", $"{torrent.Length} bytes, more than {limits.MaxTorrentBytes}");
        }

        try
        {
            return ReadOuter(torrent, limits);
        }
        catch (BencodeException error)
        {
            throw new MetainfoException("torrent", error.Message, error);
        }
    }

    private static Metainfo ReadOuter(ReadOnlyMemory<byte> torrent, MetainfoLimits limits)
    {
        ReadOnlyMemory<byte>? info = null;
        ReadOnlyMemory<byte>? layers = null;
        var urls = new AddressReader(limits);
        string? announce = null;
        List<IReadOnlyList<string>> tiers = [];
        var envelope = MetainfoEnvelope.Empty;

        var reader = new BencodeReader(torrent.Span, BencodeKeyOrder.Tolerant);
        reader.EnterDictionary();
        while (reader.TryReadKey(out var key))
        {
            switch (key)
            {
                case var _ when key.SequenceEqual("info"u8):
                    info = info is null ? Raw(ref reader, torrent) : throw new MetainfoException("info", "there twice");
                    break;
                case var _ when key.SequenceEqual("piece layers"u8):
                    layers = layers is null ? Raw(ref reader, torrent) : throw new MetainfoException("piece layers", "there twice");
                    break;
                case var _ when key.SequenceEqual("announce"u8):
                    announce = urls.ReadOne(ref reader);
                    break;
                case var _ when key.SequenceEqual("announce-list"u8):
                    tiers = urls.ReadTiers(ref reader);
                    break;
                case var _ when key.SequenceEqual("url-list"u8):
                    envelope = envelope with { WebSeeds = urls.ReadList(ref reader) };
                    break;
                case var _ when key.SequenceEqual("httpseeds"u8):
                    envelope = envelope with { HttpSeeds = urls.ReadList(ref reader) };
                    break;
                case var _ when key.SequenceEqual("comment"u8):
                    envelope = envelope with { Comment = Text(ref reader) };
                    break;
                case var _ when key.SequenceEqual("created by"u8):
                    envelope = envelope with { CreatedBy = Text(ref reader) };
                    break;
                case var _ when key.SequenceEqual("creation date"u8):
                    envelope = envelope with { CreationDate = Date(ref reader) };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        reader.ReadEnd();
        if (tiers.Count == 0 && announce is not null)
        {
            tiers = [[announce]];
        }

        var draft = InfoReader.Read(info ?? throw new MetainfoException("info", "missing"), limits);
        return MetainfoAssembler.Assemble(draft, PieceLayers.Read(layers ?? default), envelope with { TrackerTiers = tiers }, limits);
    }

    private static ReadOnlyMemory<byte> Raw(ref BencodeReader reader, ReadOnlyMemory<byte> torrent)
    {
        var start = reader.Position;
        reader.Skip();
        return torrent[start..reader.Position];
    }

    // Remarks outside info are for people; a wrong kind or encoding is no reason to refuse the torrent.
    private static string? Text(ref BencodeReader reader)
    {
        if (reader.PeekKind() == BencodeKind.Bytes)
        {
            return Encoding.UTF8.GetString(reader.ReadBytes());
        }

        reader.Skip();
        return null;
    }

    private static DateTimeOffset? Date(ref BencodeReader reader)
    {
        if (reader.PeekKind() != BencodeKind.Integer)
        {
            reader.Skip();
            return null;
        }

        var seconds = reader.ReadInteger();
        return seconds >= 0 && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
    }
}

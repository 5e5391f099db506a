using System.Globalization;
using System.Net;
using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Torrents;
using Pier.Cli.Output;

namespace Pier.Cli.Commands;

/// <summary>What a torrent file or magnet link says, as a document and as a page. All of it may come from strangers.</summary>
internal static class TorrentPage
{
    /// <summary>Describes a torrent file.</summary>
    public static TorrentDescription Describe(Metainfo metainfo)
    {
        var indices = FileIndices.Of(metainfo);
        var envelope = metainfo.Envelope;
        return new(
            metainfo.Name, metainfo.Id.V1?.ToString(), metainfo.Id.V2?.ToString(), metainfo.TotalLength, metainfo.PieceLength, metainfo.PieceCount,
            metainfo.IsPrivate, [.. envelope.TrackerTiers.SelectMany(tier => tier)],
            [.. metainfo.Files.Select((file, place) => (file, index: indices[place])).Where(entry => !entry.file.IsPadding).Select(entry => Describe(entry.file, entry.index))],
            MagnetLink.To(metainfo).ToString(), Selected: null, NullWhenEmpty([.. envelope.WebSeeds, .. envelope.HttpSeeds]), Peers: null,
            envelope.Comment, envelope.CreatedBy, envelope.CreationDate);
    }

    /// <summary>Describes a magnet link.</summary>
    public static TorrentDescription Describe(MagnetLink link) => new(
        link.DisplayName, link.Id.V1?.ToString(), link.Id.V2?.ToString(), link.ExactLength, PieceLength: null, Pieces: null,
        Private: false, link.Trackers, Files: [], link.ToString(),
        link.SelectedFiles.Count == 0 ? null : string.Join(',', link.SelectedFiles),
        NullWhenEmpty(link.WebSeeds), NullWhenEmpty([.. link.Peers.Select(AddressOf)]));

    /// <summary>Writes the page.</summary>
    public static void Render(TorrentDescription torrent, TextWriter writer)
    {
        Line("name", $"{torrent.Name ?? "(not given)"}{(torrent.Private ? "  (private)" : "")}");
        Line("v1", torrent.V1 ?? "-");
        Line("v2", torrent.V2 ?? "-");
        Line("size", torrent.Size is { } size ? $"{Sizes.Bytes(size)} ({size} bytes)" : "(not given)");
        if (torrent.PieceLength is { } pieceLength)
        {
            Line("pieces", $"{torrent.Pieces} of {Sizes.Bytes(pieceLength)}");
        }
        Line("comment", torrent.Comment);
        Line("made", Made(torrent));
        Lines("tracker", torrent.Trackers);
        Lines("web seed", torrent.WebSeeds ?? []);
        Lines("peer", torrent.Peers ?? []);
        Line("magnet", torrent.Magnet);
        Line("selected", torrent.Selected);
        if (torrent.Files is [{ Root: { } root }])
        {
            Line("root", root);
        }
        if (torrent.Files.Count > 0)
        {
            writer.WriteLine($"files     {torrent.Files.Count}, by index, size and name:");
            new FileTree(torrent.Files).WriteTo(writer);
        }

        void Line(string word, string? text) => Lines(word, text is null ? [] : [text]);

        void Lines(string word, IEnumerable<string> texts)
        {
            foreach (var text in texts)
            {
                writer.WriteLine($"{word,-9} {PlainText.Of(text)}");
            }
        }
    }

    private static TorrentEntry Describe(TorrentFile file, int index) => new(
        index, file.RelativePath, file.Length, file.PiecesRoot?.ToString(),
        file.Attributes.HasFlag(TorrentFileAttributes.Executable), file.Attributes.HasFlag(TorrentFileAttributes.Hidden),
        file.SymlinkTarget is { } target ? string.Join('/', target) : null);

    private static string? Made(TorrentDescription torrent) => (torrent.CreatedBy, torrent.Created) switch
    {
        (null, null) => null,
        ({ } program, null) => $"by {program}",
        var (program, at) => string.Create(CultureInfo.InvariantCulture, $"{at:yyyy-MM-dd HH:mm} UTC{(program is null ? "" : $" by {program}")}"),
    };

    private static string AddressOf(EndPoint peer) =>
        peer is DnsEndPoint name ? string.Create(CultureInfo.InvariantCulture, $"{name.Host}:{name.Port}") : $"{peer}";

    private static IReadOnlyList<string>? NullWhenEmpty(IReadOnlyList<string> list) => list.Count == 0 ? null : list;
}

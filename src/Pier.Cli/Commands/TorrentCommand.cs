using System.CommandLine;
using Pier.Api.Nodes;
using Pier.Api.Progress;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Torrents;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier torrent</c>: makes and shows torrent files, without a daemon.</summary>
internal static class TorrentCommand
{
    private const string CreatedBy = "Pier";

    /// <summary>Builds the command with its two.</summary>
    public static Command Create() =>
        new PierCommand("torrent", "Make and show torrent files; needs no daemon",
            ("pier torrent create data.bin", "Write data.bin.torrent"),
            ("pier torrent show data.bin.torrent", "What is in it"))
        { CreateFile(), Show() };

    private static PierCommand CreateFile()
    {
        var path = new Argument<string>("PATH") { Description = "File or folder" };
        var output = new Option<string>("--output", "-o") { HelpName = "FILE", Description = "Torrent file to write (default PATH.torrent in the current folder)" };
        var flags = new TorrentFlags();
        var command = new PierCommand("create", "Make a torrent file of a file or folder",
            ("pier torrent create data.bin", "Hybrid: every client takes it"),
            ("pier torrent create --format v1 --tracker udp://tracker.example:6969 -o d.torrent data/", "For old clients, with a tracker"))
        { path, output };
        flags.AddTo(command);
        return command.Does(async (session, parsed, cancellationToken) =>
        {
            var source = Path.TrimEndingDirectorySeparator(Path.GetFullPath(parsed.GetRequiredValue(path)));
            var options = new TorrentCreationOptions
            {
                Name = parsed.GetValue(flags.Name),
                Format = Enum.Parse<TorrentFormat>(flags.FormatOf(parsed), ignoreCase: true),
                PadFiles = parsed.GetValue(flags.Pad),
                PieceLength = flags.PieceLength(parsed),
                IsPrivate = parsed.GetValue(flags.Private),
                Envelope = new MetainfoEnvelope
                {
                    TrackerTiers = [.. (parsed.GetValue(flags.Trackers) ?? []).Select(tracker => new[] { tracker })],
                    Comment = parsed.GetValue(flags.Comment),
                    CreatedBy = CreatedBy,
                },
            };
            var metainfo = await session.Progress.ShowAsync(report =>
                TorrentBuilder.CreateAsync(source, options, new Reports(report), cancellationToken));
            var file = parsed.GetValue(output) ?? $"{Path.GetFileName(source)}.torrent";
            await File.WriteAllBytesAsync(file, metainfo.ToTorrentFile(), cancellationToken);
            session.Write(Describe(metainfo), CliJson.Default.TorrentDescription, writer =>
            {
                writer.WriteLine(file);
                writer.WriteLine(MagnetLink.To(metainfo));
            });
        });
    }

    private static PierCommand Show()
    {
        var source = new Argument<string>("FILE|MAGNET") { Description = "A torrent file or a magnet link" };
        return new PierCommand("show", "Show what a torrent file or magnet link says",
            ("pier torrent show data.bin.torrent", "Names, hashes, files"),
            ("pier torrent show 'magnet:?xt=urn:btih:…'", "Hashes, trackers, peers"))
        { source }
        .Does(async (session, parsed, cancellationToken) =>
        {
            var text = parsed.GetRequiredValue(source);
            var description = text.StartsWith("magnet:", StringComparison.OrdinalIgnoreCase)
                ? Describe(MagnetLink.Parse(text))
                : Describe(Metainfo.Parse(await LocalTorrent.ReadAsync(text, cancellationToken)));
            session.Write(description, CliJson.Default.TorrentDescription, writer => Render(description, writer));
        });
    }

    private static TorrentDescription Describe(Metainfo metainfo)
    {
        var indices = FileIndices.Of(metainfo);
        return new(
            metainfo.Name, metainfo.Id.V1?.ToString(), metainfo.Id.V2?.ToString(), metainfo.TotalLength, metainfo.PieceLength, metainfo.PieceCount,
            metainfo.IsPrivate, [.. metainfo.Envelope.TrackerTiers.SelectMany(tier => tier)],
            [.. metainfo.Files.Select((file, place) => (file, index: indices[place])).Where(entry => !entry.file.IsPadding).Select(entry => Describe(entry.file, entry.index))],
            MagnetLink.To(metainfo).ToString());
    }

    private static TorrentEntry Describe(TorrentFile file, int index) => new(
        index, file.RelativePath, file.Length, file.PiecesRoot?.ToString(),
        file.Attributes.HasFlag(TorrentFileAttributes.Executable), file.Attributes.HasFlag(TorrentFileAttributes.Hidden),
        file.SymlinkTarget is { } target ? string.Join('/', target) : null);

    private static TorrentDescription Describe(MagnetLink link) => new(
        link.DisplayName, link.Id.V1?.ToString(), link.Id.V2?.ToString(), link.ExactLength, PieceLength: null, Pieces: null,
        Private: false, link.Trackers, Files: [], link.ToString(),
        link.SelectedFiles.Count == 0 ? null : string.Join(',', link.SelectedFiles));

    private static void Render(TorrentDescription torrent, TextWriter writer)
    {
        writer.WriteLine($"name      {torrent.Name ?? "(not given)"}{(torrent.Private ? "  (private)" : "")}");
        writer.WriteLine($"v1        {torrent.V1 ?? "-"}");
        writer.WriteLine($"v2        {torrent.V2 ?? "-"}");
        writer.WriteLine(torrent.Size is { } size ? $"size      {Sizes.Bytes(size)} ({size} bytes)" : "size      (not given)");
        if (torrent.PieceLength is { } pieceLength)
        {
            writer.WriteLine($"pieces    {torrent.Pieces} of {Sizes.Bytes(pieceLength)}");
        }
        foreach (var tracker in torrent.Trackers)
        {
            writer.WriteLine($"tracker   {tracker}");
        }
        writer.WriteLine($"magnet    {torrent.Magnet}");
        if (torrent.Selected is { } selected)
        {
            writer.WriteLine($"selected  {selected}");
        }
        if (torrent.Files is [{ Root: { } root }])
        {
            writer.WriteLine($"root      {root}");
        }
        if (torrent.Files.Count > 0)
        {
            writer.WriteLine($"files     {torrent.Files.Count}, by index, size and name:");
            new FileTree(torrent.Files).WriteTo(writer);
        }
    }

    /// <summary>Hashing progress as one part of a work.</summary>
    private sealed class Reports(Action<ProgressUpdate> report) : IProgress<TorrentCreationProgress>
    {
        public void Report(TorrentCreationProgress value) => report(new ProgressUpdate(
        [
            new ProgressItem(
                "hashing", "hashing", value.BytesHashed == value.BytesTotal ? ProgressState.Done : ProgressState.Running,
                value.BytesTotal, value.BytesHashed, SourceBytes.None),
        ]));
    }
}

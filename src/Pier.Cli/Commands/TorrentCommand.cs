using System.CommandLine;
using Pier.Api.Nodes;
using Pier.Api.Progress;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Magnets;
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
                    TrackerTiers = [.. flags.TrackersOf(parsed).Select(tracker => new[] { tracker })],
                    WebSeeds = flags.WebSeedsOf(parsed),
                    Comment = parsed.GetValue(flags.Comment),
                    CreatedBy = CreatedBy,
                },
            };
            var metainfo = await session.Progress.ShowAsync(report =>
                TorrentBuilder.CreateAsync(source, options, new Reports(report), cancellationToken));
            var file = parsed.GetValue(output) ?? $"{Path.GetFileName(source)}.torrent";
            await File.WriteAllBytesAsync(file, metainfo.ToTorrentFile(), cancellationToken);
            session.Write(TorrentPage.Describe(metainfo), CliJson.Default.TorrentDescription, writer =>
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
                ? TorrentPage.Describe(MagnetLink.Parse(text))
                : TorrentPage.Describe(Metainfo.Parse(await LocalTorrent.ReadAsync(text, cancellationToken)));
            session.Write(description, CliJson.Default.TorrentDescription, writer => TorrentPage.Render(description, writer));
        });
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

using System.CommandLine;
using Pier.Api;
using Pier.Api.Progress;
using Pier.Api.Seeds;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier seed</c>: a file or folder to the swarm, from where it lies, until told otherwise.</summary>
internal static class SeedCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var path = new Argument<string?>("PATH") { Description = "File or folder; it stays where it is", Arity = ArgumentArity.ZeroOrOne };
        var torrent = new Option<string>("--torrent") { HelpName = "FILE", Description = "Write the torrent file here (default PATH.torrent in the current folder; - for none)" };
        var list = new Option<bool>("--list") { Description = "List what is being seeded" };
        var stop = new Option<string>("--stop") { HelpName = "INFOHASH", Description = "Stop seeding; the files stay" };
        var super = new Option<bool>("--super-seed") { Description = "Show each peer a few pieces at a time, so that about one copy is sent until others have it all (BEP 16)" };
        var flags = new TorrentFlags();
        var command = new PierCommand("seed", "Seed a file or folder; prints magnet links for BitTorrent clients old and new",
            ("pier seed data.bin", "Make data.bin.torrent, seed it, print the magnet link"),
            ("pier seed --tracker http://tracker.example/announce photos/", "Announce to a tracker as well"),
            ("pier seed --super-seed release.iso", "New content to many at once from a slow line"),
            ("pier seed --list", "What is being seeded"),
            ("pier seed --stop 2c26b46b68ffc68ff99b453c1d30413413422d70", "Stop one"))
        { path, torrent, list, stop, super };
        flags.AddTo(command);
        command.Validators.Add(result =>
        {
            var asked = (result.GetValue(path) is null ? 0 : 1) + (result.GetValue(list) ? 1 : 0) + (result.GetValue(stop) is null ? 0 : 1);
            if (asked != 1)
            {
                result.AddError("Give one of PATH, --list and --stop INFOHASH.");
            }
        });
        return command.Does((session, parsed, cancellationToken) =>
            parsed.GetValue(list) ? ListAsync(session, cancellationToken)
            : parsed.GetValue(stop) is { } infoHash ? StopAsync(session, infoHash, cancellationToken)
            : SeedAsync(session, parsed, parsed.GetValue(path)!, parsed.GetValue(torrent), parsed.GetValue(super), flags, cancellationToken));
    }

    private static async Task SeedAsync(
        Session session, ParseResult parsed, string path, string? torrent, bool superSeed, TorrentFlags flags, CancellationToken cancellationToken)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Path.Exists(full))
        {
            throw new CommandException(ExitCode.NotFound, $"There is no file or folder {full}.");
        }
        var request = new SeedRequest(
            full, parsed.GetValue(flags.Name), flags.FormatOf(parsed), flags.PieceLength(parsed),
            flags.TrackersOf(parsed), parsed.GetValue(flags.Private), parsed.GetValue(flags.Comment), parsed.GetValue(flags.Pad),
            flags.WebSeedsOf(parsed), superSeed);
        var result = await session.FollowAsync<SeedRequest, SeedResult>(ApiPaths.Seeds, request, ApiJson.Default.SeedRequest, cancellationToken);
        var file = torrent ?? $"{Path.GetFileName(full)}.torrent";
        if (file != "-")
        {
            await File.WriteAllBytesAsync(file, result.Torrent, cancellationToken);
        }
        session.Write<ProgressLine>(result, ApiJson.Default.ProgressLine, writer =>
        {
            writer.WriteLine($"seeding {result.Seed.Name}: {(result.Seed.Files == 1 ? "1 file" : $"{result.Seed.Files} files")}, {Sizes.Bytes(result.Seed.Size)}, from {result.Seed.Path}");
            if (file != "-")
            {
                writer.WriteLine($"torrent {Path.GetFullPath(file)}");
            }
            writer.WriteLine(result.Seed.Magnet);
            if (result.Seed.V1Magnet is { } twin)
            {
                writer.WriteLine($"for clients that cannot read hybrids (aria2, Transmission 3):\n{twin}");
            }
        });
    }

    private static async Task ListAsync(Session session, CancellationToken cancellationToken)
    {
        var seeds = await session.Daemon.GetAsync(ApiPaths.Seeds, ApiJson.Default.SeedList, cancellationToken);
        session.Write(seeds, ApiJson.Default.SeedList, writer =>
        {
            if (seeds.Seeds.Count == 0)
            {
                writer.WriteLine("Nothing is seeded by request; 'pier seed PATH' does.");
                return;
            }
            var table = new TextTable("INFOHASH", "NAME", "SIZE>", "FILES>", "PATH", "STATE");
            foreach (var seed in seeds.Seeds)
            {
                table.Row(seed.InfoHash, seed.Name, Sizes.Bytes(seed.Size), $"{seed.Files}", seed.Path, seed.Problem ?? (seed.SuperSeed ? "super seeding" : "seeding"));
            }
            table.WriteTo(writer);
        });
    }

    private static async Task StopAsync(Session session, string infoHash, CancellationToken cancellationToken)
    {
        var stopped = await session.Daemon.SendAsync(
            HttpMethod.Delete, $"{ApiPaths.Seeds}/{Uri.EscapeDataString(infoHash)}", ApiJson.Default.SeedSummary, cancellationToken);
        session.Write(stopped, ApiJson.Default.SeedSummary, writer => writer.WriteLine($"no longer seeding {stopped.Name}{(Path.Exists(stopped.Path) ? $"; {stopped.Path} stays" : "")}"));
    }
}

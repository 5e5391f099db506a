using System.CommandLine;
using Pier.Api;
using Pier.Api.Progress;
using Pier.Api.Volumes;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier volume commit</c> and <c>reset</c>: what becomes of what was written to a volume.</summary>
internal static class VolumeWriting
{
    /// <summary>Builds <c>commit</c>.</summary>
    public static PierCommand Commit()
    {
        var name = new Argument<string>("NAME") { Description = "Name of a volume made with writable=true" };
        var title = new Option<string>("--name") { HelpName = "TITLE", Description = "Name inside the torrent (default NAME)" };
        var torrent = new Option<string>("--torrent") { HelpName = "FILE", Description = "Write the torrent file here too" };
        return new PierCommand("commit", "Publish what a writable volume shows now as a new torrent, and seed it; prints the magnet link",
            ("pier volume commit work", "The same files make the same torrent, wherever they are committed"),
            ("pier volume commit --name corpus-2 --torrent corpus-2.torrent work", "Under another name, with its torrent file"))
        { name, title, torrent }
        .Does(async (session, parsed, cancellationToken) =>
        {
            var result = await session.FollowAsync<CommitRequest, SeedResult>(
                VolumeWords.PathOf(parsed.GetRequiredValue(name)) + "/commit", new CommitRequest(parsed.GetValue(title)), ApiJson.Default.CommitRequest, cancellationToken);
            if (parsed.GetValue(torrent) is { } file)
            {
                await File.WriteAllBytesAsync(file, result.Torrent, cancellationToken);
            }
            session.Write<ProgressLine>(result, ApiJson.Default.ProgressLine, writer =>
            {
                writer.WriteLine($"seeding {result.Seed.Name}: {result.Seed.Files} files, {Sizes.Bytes(result.Seed.Size)}");
                writer.WriteLine(result.Seed.Magnet);
            });
        });
    }

    /// <summary>Builds <c>reset</c>.</summary>
    public static PierCommand Reset()
    {
        var name = new Argument<string>("NAME") { Description = "Name of a volume made with writable=true" };
        return new PierCommand("reset", "Forget what was written to a volume that nobody uses; its content stays", ("pier volume reset work", "As it was when it was made")) { name }
            .Does(async (session, parsed, cancellationToken) =>
            {
                var volume = await session.Daemon.PostAsync(
                    VolumeWords.PathOf(parsed.GetRequiredValue(name)) + "/reset", new CommitRequest(null),
                    ApiJson.Default.CommitRequest, ApiJson.Default.VolumeSummary, cancellationToken);
                session.Write(volume, ApiJson.Default.VolumeSummary, writer => writer.WriteLine(volume.Name));
            });
    }
}

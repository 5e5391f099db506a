using System.CommandLine;
using Pier.Api;
using Pier.Api.Volumes;
using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Torrents;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier mount</c> and <c>pier umount</c>: content as a folder of this host, without an engine.</summary>
internal static class MountCommands
{
    /// <summary>As many fallbacks as a content URI may have (Pier.Content), and the folder.</summary>
    private const int MaxWords = 33;

    /// <summary>Builds <c>mount</c>.</summary>
    public static Command CreateMount()
    {
        var words = new Argument<string[]>("URI... DIR")
        {
            Description = "magnet:, .torrent URL or path, http(s)://, oci://…!/path or sha256:, several being fallbacks for the same content; last the folder",
            Arity = new ArgumentArity(1, MaxWords),
        };
        var whole = new Option<bool>("--whole") { Description = "Every torrent there is, each in a folder named by its info-hash, looked up when somebody goes there" };
        var options = new Option<string[]>("--opt", "-o") { HelpName = "KEY=VALUE", Description = "As for 'pier volume create', such as prefetch=all; may be repeated" };
        return new PierCommand("mount", "Show content as a folder at once; its bytes arrive as they are read",
            ("pier mount 'magnet:?xt=urn:btih:…' /mnt/data", "A torrent, readable while it arrives"),
            ("pier mount -o subpath=usr/share oci://docker.io/library/debian:12!/usr /mnt/usr", "A folder of an image"),
            ("pier mount --whole /mnt/torrents", "Any torrent: ls /mnt/torrents/INFO-HASH"))
        { words, whole, options }
        .Does(async (session, parsed, cancellationToken) =>
        {
            string[] given = parsed.GetRequiredValue(words);
            var chosen = VolumeWords.Options(parsed.GetValue(options) ?? []);
            var isWhole = parsed.GetValue(whole);
            if (isWhole != (given.Length == 1))
            {
                throw new CommandException(ExitCode.Usage, isWhole ? "With --whole only the folder is named." : "Name the content, and last the folder.", "'pier mount --help' shows how.");
            }
            if (isWhole)
            {
                chosen["whole"] = "true";
            }
            else
            {
                chosen["source"] = string.Join('|', await Task.WhenAll(given[..^1].Select(word => SourceAsync(word, cancellationToken))));
            }
            var volume = await session.Daemon.PostAsync(
                ApiPaths.Volumes, new VolumeRequest(null, chosen, Path.GetFullPath(given[^1]).TrimEnd('/')),
                ApiJson.Default.VolumeRequest, ApiJson.Default.VolumeSummary, cancellationToken);
            session.Write(volume, ApiJson.Default.VolumeSummary, writer => writer.WriteLine($"{volume.Mountpoint}  {volume.Source}"));
        });
    }

    /// <summary>Builds <c>umount</c>.</summary>
    public static Command CreateUnmount()
    {
        var folder = new Argument<string>("DIR") { Description = "The folder" };
        var force = new Option<bool>("--force", "-f") { Description = "Also while somebody uses it: their open files fail from then on" };
        return new PierCommand("umount", "End what 'pier mount' began; what arrived of it is removed", ("pier umount /mnt/data", "One folder")) { folder, force }
            .Does(async (session, parsed, cancellationToken) =>
            {
                var target = Path.GetFullPath(parsed.GetRequiredValue(folder)).TrimEnd('/');
                var list = await session.Daemon.GetAsync($"{ApiPaths.Volumes}?target={Uri.EscapeDataString(target)}", ApiJson.Default.VolumeList, cancellationToken);
                var volume = list.Volumes is [var known, ..]
                    ? known
                    : throw new CommandException(ExitCode.NotFound, $"Nothing is mounted on {target} by 'pier mount'.", "'pier volume ls' lists what is.");
                await session.Daemon.DeleteAsync($"{VolumeWords.PathOf(volume.Name)}?force={(parsed.GetValue(force) ? "true" : "false")}", cancellationToken);
            });
    }

    /// <summary>The daemon may not be able to read the user's torrent file; its magnet link says as much.</summary>
    private static async Task<string> SourceAsync(string word, CancellationToken cancellationToken) => LocalTorrent.IsPath(word)
        ? MagnetLink.To(Metainfo.Parse(await LocalTorrent.ReadAsync(word, cancellationToken))).ToString()
        : word;
}

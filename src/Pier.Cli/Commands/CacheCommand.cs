using System.CommandLine;
using System.Globalization;
using Pier.Api;
using Pier.Api.Cache;
using Pier.Api.Progress;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier cache</c>: what the store holds, how to make room, and whether its bytes are still right.</summary>
internal static class CacheCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create() => new PierCommand("cache", "Look after the node's store",
        ("pier cache ls", "Images by size, each blob counted once"),
        ("pier cache prune --unused 30d", "Make room"),
        ("pier cache verify", "Hash everything again, and mend what is damaged"))
    {
        List(), Show(), RemoveCommand.Create(), Prune(), Verify(),
    };

    private static PierCommand List() => new PierCommand("ls", "List images with their own and shared bytes", ("pier cache ls --json", "For programs"))
        .Does(async (session, _, cancellationToken) =>
        {
            var report = await session.Daemon.GetAsync(ApiPaths.Cache, ApiJson.Default.CacheReport, cancellationToken);
            session.Write(report, ApiJson.Default.CacheReport, writer => Render(report, session.Clock, writer));
        });

    private static PierCommand Show()
    {
        var name = new Argument<string>("NAME") { Description = "Image, or digest of a blob" };
        return new PierCommand("show", "Show the blobs of an image, and which images share them", ("pier cache show debian:12", "Blob by blob")) { name }
        .Does(async (session, parsed, cancellationToken) =>
        {
            var parts = await session.Daemon.GetAsync(
                $"{ApiPaths.Cache}?name={Uri.EscapeDataString(parsed.GetRequiredValue(name))}", ApiJson.Default.CachedParts, cancellationToken);
            session.Write(parts, ApiJson.Default.CachedParts, writer =>
            {
                var table = new TextTable("DIGEST", "SIZE>", "USED", "PINNED", "IMAGES");
                foreach (var blob in parts.Blobs)
                {
                    table.Row(
                        blob.Digest, Sizes.Bytes(blob.Size), $"{Sizes.Duration(session.Clock.GetUtcNow() - blob.LastUsed)} ago", blob.Pinned ? "yes" : "",
                        string.Join(" ", blob.Images));
                }
                table.WriteTo(writer);
            });
        });
    }

    private static PierCommand Prune()
    {
        var keep = new Option<string>("--keep") { HelpName = "SIZE", Description = "Stop when the store has no more than this, for example 20GiB" };
        var unused = new Option<string>("--unused") { HelpName = "TIME", Description = "Only what was not used for so long, for example 12h or 30d" };
        var all = new Option<bool>("--all") { Description = "Everything that is neither pinned nor in use" };
        var dry = new Option<bool>("--dry-run") { Description = "Only say what would go" };
        var command = new PierCommand("prune", "Make room: what was used least recently goes first; what is pinned, pushed here or in use stays",
            ("pier cache prune --keep 20GiB", "Down to 20 GiB"),
            ("pier cache prune --unused 30d --dry-run", "What nobody used for a month"))
        { keep, unused, all, dry };
        command.Validators.Add(result =>
        {
            if (result.GetValue(keep) is null && result.GetValue(unused) is null && !result.GetValue(all))
            {
                result.AddError("Say how much goes: --keep SIZE, --unused TIME or --all.");
            }
        });
        return command.Does(async (session, parsed, cancellationToken) =>
        {
            var request = new PruneRequest(
                parsed.GetValue(keep) is { } size ? Size(size) : null, parsed.GetValue(unused) is { } time ? Seconds(time) : 0, parsed.GetValue(dry));
            var answer = await session.Daemon.PostAsync(
                ApiPaths.CachePrune, request, ApiJson.Default.PruneRequest, ApiJson.Default.PruneAnswer, cancellationToken);
            session.Write(answer, ApiJson.Default.PruneAnswer, writer =>
                writer.WriteLine($"{(answer.DryRun ? "would remove" : "removed")} {answer.Blobs} blobs, {Sizes.Bytes(answer.Bytes)}"));
        });
    }

    private static PierCommand Verify()
    {
        var names = new Argument<string[]>("NAME") { Description = "Images or digests (default: everything)", Arity = ArgumentArity.ZeroOrMore };
        var leave = new Option<bool>("--no-heal") { Description = "Remove what is damaged, and fetch nothing" };
        return new PierCommand("verify", "Hash blobs again; what is damaged is fetched anew from peers or the upstream",
            ("pier cache verify", "Everything; exit code 1 when something could not be mended"),
            ("pier cache verify debian:12", "One image"))
        { names, leave }
        .Does(async (session, parsed, cancellationToken) =>
        {
            var result = await session.FollowAsync<VerifyRequest, VerifyResult>(
                ApiPaths.CacheVerify, new VerifyRequest(parsed.GetValue(names) ?? [], !parsed.GetValue(leave)), ApiJson.Default.VerifyRequest, cancellationToken);
            session.Write(result, ApiJson.Default.VerifyResult, writer =>
            {
                foreach (var blob in result.Damaged)
                {
                    writer.WriteLine($"{blob.Digest}  damaged, {(blob.Healed ? "fetched again" : $"removed: {PlainText.Of(blob.Problem ?? "")}")}");
                }
                writer.WriteLine($"{result.Blobs} blobs, {Sizes.Bytes(result.Bytes)}: {(result.Damaged.Count == 0 ? "all right" : $"{result.Damaged.Count} damaged, {result.Damaged.Count(blob => blob.Healed)} of them mended")}");
            });
            if (result.Damaged.Any(blob => !blob.Healed))
            {
                throw new QuietFailure("Something is damaged and could not be mended.");
            }
        });
    }

    private static void Render(CacheReport report, TimeProvider clock, TextWriter writer)
    {
        writer.WriteLine($"store    {report.Blobs} blobs, {Sizes.Bytes(report.Bytes)}; {Sizes.Bytes(report.PinnedBytes)} pinned; {Sizes.Bytes(report.ArrivingBytes)} arriving");
        writer.WriteLine($"bounds   quota {(report.Quota is { } quota ? Sizes.Bytes(quota) : "none")}; keep free {(report.KeepFree is { } free ? Sizes.Bytes(free) : "none")}; {Sizes.Bytes(report.FreeBytes)} are free");
        writer.WriteLine($"evicted  {report.EvictedBlobs} blobs, {Sizes.Bytes(report.EvictedBytes)} since the start");
        var table = new TextTable("IMAGE", "BLOBS>", "SIZE>", "OWN>", "USED", "PINNED");
        foreach (var image in report.Images.OrderByDescending(image => image.Bytes).Append(report.Loose with { Name = "(of no image)" }).Where(image => image.Blobs > 0))
        {
            table.Row(
                image.Name, image.Blobs.ToString(CultureInfo.InvariantCulture), Sizes.Bytes(image.Bytes), Sizes.Bytes(image.OwnBytes),
                image.LastUsed is { } used ? $"{Sizes.Duration(clock.GetUtcNow() - used)} ago" : "-", image.Pinned ? "yes" : "");
        }
        table.WriteTo(writer);
    }

    private static long Size(string text)
    {
        var units = new (string Suffix, double Factor)[] { ("TiB", 1L << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3), ("B", 1), ("", 1) };
        var (suffix, factor) = units.First(unit => text.EndsWith(unit.Suffix, StringComparison.OrdinalIgnoreCase));
        return double.TryParse(text[..^suffix.Length].Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number * factor <= long.MaxValue / 2
            ? (long)(number * factor)
            : throw new CommandException(ExitCode.Usage, $"'{text}' is no size.", "Write it as 500MiB or 20GiB.");
    }

    private static double Seconds(string text)
    {
        var factor = text.Length == 0 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, 'w' => 604800, _ => 0 };
        return factor > 0 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number * factor
            : throw new CommandException(ExitCode.Usage, $"'{text}' is no time.", "Write it as 90m, 12h or 30d.");
    }
}

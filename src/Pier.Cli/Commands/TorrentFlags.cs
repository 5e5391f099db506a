using System.CommandLine;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary>The flags that say how a torrent is made; <c>pier seed</c> and <c>pier torrent create</c> share them.</summary>
internal sealed class TorrentFlags
{
    private const int KiB = 1024;

    public Option<string> Name { get; } = new("--name") { HelpName = "NAME", Description = "Name inside the torrent (default the path's last part)" };

    public Option<string> Format { get; } = new Option<string>("--format")
    {
        HelpName = "v1|v2|hybrid",
        Description = "Generation of the torrent",
        DefaultValueFactory = _ => "hybrid",
    }.AcceptOnlyFromAmong("v1", "v2", "hybrid");

    public Option<bool> V1 { get; } = new("--v1") { Description = "The same as --format v1" };

    public Option<bool> V2 { get; } = new("--v2") { Description = "The same as --format v2" };

    public Option<bool> Hybrid { get; } = new("--hybrid") { Description = "The same as --format hybrid" };

    public Option<bool> Pad { get; } = new("--pad") { Description = "Let padding bring each file of a v1 torrent to a piece boundary (BEP 47); hybrids always have it" };

    public Option<bool> NoPad { get; } = new("--no-pad") { Description = "No padding in a v1 torrent (the default): old clients would write it to disk" };

    public Option<int?> PieceKiB { get; } = new("--piece-length") { HelpName = "KIB", Description = "Piece length in KiB, a power of two from 16 (default by size)" };

    public Option<string[]> Trackers { get; } = new("--tracker") { HelpName = "URL", Description = "Announce URL; may be repeated" };

    public Option<string[]> WebSeeds { get; } = new("--web-seed")
    {
        HelpName = "URL",
        Description = "Web server with the same bytes (BEP 19): the file's own address, or with / at the end the place that file or folder lie in; may be repeated",
    };

    public Option<bool> Private { get; } = new("--private") { Description = "Find peers by the torrent's own trackers only (BEP 27)" };

    public Option<string> Comment { get; } = new("--comment") { HelpName = "TEXT", Description = "A remark in the torrent file" };

    /// <summary>Gives the command these flags.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (ReadOnlySpan<Option>)[Name, Format, V1, V2, Hybrid, Pad, NoPad, PieceKiB, Trackers, WebSeeds, Private, Comment])
        {
            command.Options.Add(option);
        }
        command.Validators.Add(result =>
        {
            var formats = new[] { V1, V2, Hybrid }.Count(result.GetValue);
            if (formats > 1 || (formats == 1 && result.GetResult(Format) is { Implicit: false }))
            {
                result.AddError("Give one of --format, --v1, --v2 and --hybrid.");
            }
            if (result.GetValue(Pad) && result.GetValue(NoPad))
            {
                result.AddError("Give one of --pad and --no-pad.");
            }
        });
    }

    /// <summary>v1, v2 or hybrid.</summary>
    public string FormatOf(ParseResult parsed) =>
        parsed.GetValue(V1) ? "v1" : parsed.GetValue(V2) ? "v2" : parsed.GetValue(Hybrid) ? "hybrid" : parsed.GetRequiredValue(Format);

    /// <summary>The announce URLs.</summary>
    /// <exception cref="CommandException">One is none.</exception>
    public string[] TrackersOf(ParseResult parsed) => Checked(
        parsed, Trackers, static uri => uri.Scheme is "http" or "https" || (uri.Scheme is "udp" && uri.Port > 0), "an announce URL; write for example http://tracker.example/announce or udp://tracker.example:6969");

    /// <summary>The web seeds.</summary>
    /// <exception cref="CommandException">One is none.</exception>
    public string[] WebSeedsOf(ParseResult parsed) => Checked(
        parsed, WebSeeds, static uri => uri.Scheme is "http" or "https", "the address of a web server; write for example https://example.org/data.bin");

    /// <summary>Bytes of a piece, or null to choose by size.</summary>
    public int? PieceLength(ParseResult parsed) => parsed.GetValue(PieceKiB) is { } kib
        ? kib is >= 16 and <= 256 * KiB && int.IsPow2(kib)
            ? kib * KiB
            : throw new CommandException(ExitCode.Usage, $"--piece-length: {kib} is not a power of two from 16 to {256 * KiB} (KiB).")
        : null;

    // Readers of torrents pass over what is no URL, so whoever misspells one would hear of it from nobody.
    private static string[] Checked(ParseResult parsed, Option<string[]> option, Func<Uri, bool> may, string what)
    {
        var texts = parsed.GetValue(option) ?? [];
        return texts.FirstOrDefault(text => !Uri.TryCreate(text, UriKind.Absolute, out var uri) || !may(uri)) is { } wrong
            ? throw new CommandException(ExitCode.Usage, $"{option.Name}: '{wrong}' is not {what}.")
            : texts;
    }
}

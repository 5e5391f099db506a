namespace Pier.Buildkit.Dockerfiles;

/// <summary>
/// One <c>PIER [flags] SOURCE… DEST</c> as written: variables are still in its words, BuildKit itself will expand them.
/// </summary>
/// <param name="Line">First physical line, counted from 1.</param>
/// <param name="EndLine">Last physical line.</param>
public sealed record PierInstruction(int Line, int EndLine)
{
    /// <summary>The word that makes the instruction.</summary>
    public const string Name = "PIER";

    /// <summary>The flag that has an image serve what it got.</summary>
    public const string ServeFlag = "--serve";

    private const string ChmodFlag = "--chmod=";
    private const int MaxModeDigits = 5;

    /// <summary>Flags that BuildKit carries out itself: <c>--chown=…</c>, <c>--chmod=…</c>.</summary>
    public required IReadOnlyList<string> CopyFlags { get; init; }

    /// <summary>Flags that concern the content: <c>--checksum=…</c>, <c>--unpack</c>, <c>--include=…</c>, <c>--serve</c>.</summary>
    public required IReadOnlyList<string> ContentFlags { get; init; }

    /// <summary>Content URIs, fallbacks for the same bytes.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>Where the content goes.</summary>
    public required string Destination { get; init; }

    /// <summary>Sources and destination were written as a JSON array, so that white space may be in them.</summary>
    public bool IsJson { get; init; }

    /// <summary>The image is to serve the content to others.</summary>
    public bool Serves => ContentFlags.Any(flag => flag is ServeFlag or ServeFlag + "=bittorrent");

    /// <summary>
    /// The image is to tell in a label what the content is: unless a flag says who serves it, or its bytes are not there as they came.
    /// </summary>
    public bool IsLabelled => !ContentFlags.Any(flag => flag.StartsWith(ServeFlag, StringComparison.Ordinal)
        || flag.StartsWith("--unpack", StringComparison.Ordinal) || flag.StartsWith("--include", StringComparison.Ordinal));

    /// <summary>The permission bits of a <c>--chmod</c> in octal digits; null for none, and for what only BuildKit can read.</summary>
    public int? Mode
    {
        get
        {
            var digits = CopyFlags.FirstOrDefault(flag => flag.StartsWith(ChmodFlag, StringComparison.Ordinal))?[ChmodFlag.Length..];
            return digits is { Length: <= MaxModeDigits } && digits.All(digit => digit is >= '0' and <= '7') ? Convert.ToInt32(digits, 8) : null;
        }
    }

    /// <summary>The instruction on one line.</summary>
    public override string ToString() => $"{Name} {string.Join(' ', [.. CopyFlags, .. ContentFlags, .. Sources, Destination])}";
}

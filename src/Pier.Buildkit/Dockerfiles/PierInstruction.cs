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

    /// <summary>Flags that BuildKit carries out itself: <c>--chown=…</c>, <c>--chmod=…</c>.</summary>
    public required IReadOnlyList<string> CopyFlags { get; init; }

    /// <summary>Flags that concern the content: <c>--checksum=…</c>, <c>--unpack</c>, <c>--include=…</c>.</summary>
    public required IReadOnlyList<string> ContentFlags { get; init; }

    /// <summary>Content URIs, fallbacks for the same bytes.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>Where the content goes.</summary>
    public required string Destination { get; init; }

    /// <summary>For messages: <c>Dockerfile:4</c> without the file's name.</summary>
    public override string ToString() => $"{Name} {string.Join(' ', [.. CopyFlags, .. ContentFlags, .. Sources, Destination])}";
}

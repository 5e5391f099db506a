using System.Text;
using Pier.Engines.Mirrors;
using Pier.Engines.Texts;

namespace Pier.Engines.Install;

/// <summary>What becomes of one file.</summary>
/// <param name="Path">The file, as a path of the host.</param>
/// <param name="Before">Its bytes; null when it is not there.</param>
/// <param name="After">What they become; null to remove it.</param>
/// <param name="IsSecret">Whether others may not read it when it is made, because it holds a password.</param>
public sealed record FileEdit(string Path, byte[]? Before, byte[]? After, bool IsSecret = false)
{
    /// <summary>What helps to take Pier out of the file again; null when this edit takes it out.</summary>
    internal MirrorTrace? Trace { get; init; }

    /// <summary>True when the bytes stay.</summary>
    public bool ChangesNothing => Before is null ? After is null : After is not null && Before.AsSpan().SequenceEqual(After);

    /// <summary>The change as <c>diff -u</c> shows it; lines with secrets are blotted out.</summary>
    public string Diff => string.Join('\n', LineDiff.Of(Path, Text(Before), Text(After)).Split('\n').Select(Blot));

    private static string? Text(byte[]? bytes) => bytes is null ? null : Encoding.UTF8.GetString(bytes);

    private static string Blot(string line) =>
        line.IndexOf("Authorization", StringComparison.OrdinalIgnoreCase) is >= 0 and var at ? $"{line[..at]}Authorization = [\"…\"]" : line;
}

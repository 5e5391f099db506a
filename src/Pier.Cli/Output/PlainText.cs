using System.Globalization;

namespace Pier.Cli.Output;

/// <summary>Text that strangers chose, safe to write to a terminal: what would steer it, or turn the direction of writing, becomes a dot.</summary>
internal static class PlainText
{
    /// <summary>The text, as long as before.</summary>
    public static string Of(string text) => text.Any(Steers) ? string.Concat(text.Select(letter => Steers(letter) ? '.' : letter)) : text;

    /// <summary>The same for several lines, which stay lines.</summary>
    public static string OfLines(string text) => string.Join('\n', text.Split('\n').Select(Of));

    private static bool Steers(char letter) => char.GetUnicodeCategory(letter)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}

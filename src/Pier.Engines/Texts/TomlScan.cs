using System.Text.RegularExpressions;

namespace Pier.Engines.Texts;

/// <summary>
/// Finds tables and keys in TOML by line, which is enough for the files that engines write and people edit; a table inside
/// braces, or a header inside a string of several lines, it does not see.
/// </summary>
internal static partial class TomlScan
{
    /// <summary>The headers of a text: line, and the dotted name with its quotes made alike.</summary>
    public static IReadOnlyList<(int Line, string Name)> Tables(IReadOnlyList<string> lines)
    {
        var tables = new List<(int, string)>();
        for (var i = 0; i < lines.Count; i++)
        {
            if (Header().Match(lines[i]) is { Success: true } header)
            {
                tables.Add((i, Same(header.Groups["name"].Value)));
            }
        }
        return tables;
    }

    /// <summary>The line of a table's header, or null.</summary>
    public static int? Table(IReadOnlyList<string> lines, string name)
    {
        foreach (var (line, found) in Tables(lines))
        {
            if (found == name)
            {
                return line;
            }
        }
        return null;
    }

    /// <summary>The line and value, quotes taken off, of a key between a header and the next one; null when it is not there.</summary>
    public static (int Line, string Value)? Key(IReadOnlyList<string> lines, int header, string key)
    {
        for (var i = header + 1; i < lines.Count && !Header().IsMatch(lines[i]); i++)
        {
            if (Pair().Match(lines[i]) is { Success: true } pair && pair.Groups["key"].Value.Trim('"', '\'') == key)
            {
                return (i, Unquote(pair.Groups["value"].Value));
            }
        }
        return null;
    }

    /// <summary>The line of the first header, or the end of the text.</summary>
    public static int FirstTable(IReadOnlyList<string> lines) => Tables(lines) is [var (line, _), ..] ? line : lines.Count;

    private static string Same(string name) => Part().Replace(name, match =>
        match.Groups["text"].Success ? $"\"{match.Groups["text"].Value}\"" : match.Value).Replace(" ", "", StringComparison.Ordinal);

    private static string Unquote(string value)
    {
        value = value.Trim();
        if (value is ['"' or '\'', ..] && value.IndexOf(value[0], 1) is > 0 and var end)
        {
            return value[1..end];
        }
        return value.Split('#')[0].Trim();
    }

    [GeneratedRegex("""^\s*\[{1,2}\s*(?<name>[^\[\]]*?)\s*\]{1,2}\s*(#.*)?$""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Header();

    [GeneratedRegex("""^\s*(?<key>[A-Za-z0-9_\-"']+)\s*=\s*(?<value>.*?)\s*$""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pair();

    [GeneratedRegex("""'(?<text>[^']*)'|"(?<text>[^"]*)"|[^.'"]+""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Part();
}

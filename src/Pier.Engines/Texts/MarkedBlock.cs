using System.Text;

namespace Pier.Engines.Texts;

/// <summary>
/// Lines of ours between two comments in a file of others (TOML, where <c>#</c> begins a comment). A line that ours replaces is
/// kept in the block as a comment, so that taking the block out gives back what was there.
/// </summary>
internal static class MarkedBlock
{
    private const string Begin = "# pier: begin ('pier uninstall' takes these lines out)";
    private const string End = "# pier: end";
    private const string Was = "# pier: was ";

    /// <summary>The lines of a text, each with its line end.</summary>
    public static List<string> Lines(string text)
    {
        var lines = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start);
            var next = end < 0 ? text.Length : end + 1;
            lines.Add(text[start..next]);
            start = next;
        }
        return lines;
    }

    /// <summary>Puts the block before a line, in the place of <paramref name="replaced"/> lines.</summary>
    public static string Insert(string text, int line, string block, int replaced = 0)
    {
        var lines = Lines(text);
        var made = new StringBuilder();
        if (line == lines.Count && lines.Count > 0 && !lines[^1].EndsWith('\n'))
        {
            // A comment needs a line of its own.
            made.Append('\n');
        }
        made.Append(Begin).Append('\n');
        foreach (var old in lines.Skip(line).Take(replaced))
        {
            made.Append(Was).Append(old.TrimEnd('\n')).Append('\n');
        }
        made.Append(block.TrimEnd('\n')).Append('\n').Append(End).Append('\n');
        return string.Concat([.. lines.Take(line), made.ToString(), .. lines.Skip(line + replaced)]);
    }

    /// <summary>The text without our blocks.</summary>
    /// <exception cref="EngineException">A block has no end.</exception>
    public static string Remove(string text)
    {
        var kept = new StringBuilder();
        var inside = false;
        foreach (var line in Lines(text))
        {
            var plain = line.TrimEnd('\n', '\r');
            if (!inside)
            {
                inside = plain == Begin;
                kept.Append(inside ? "" : line);
            }
            else if (plain == End)
            {
                inside = false;
            }
            else if (plain.StartsWith(Was, StringComparison.Ordinal))
            {
                kept.Append(line[Was.Length..]);
            }
        }
        return inside
            ? throw new EngineException($"The line '{End}' is missing after '{Begin}': what follows may be yours. Put it back where Pier's lines end, and try again.")
            : kept.ToString();
    }

    /// <summary>True when a block of ours is in the text.</summary>
    public static bool IsIn(string text) => Lines(text).Any(line => line.TrimEnd('\n', '\r') == Begin);
}

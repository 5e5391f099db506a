using System.Text;

namespace Pier.Engines.Texts;

/// <summary>What changes in a small text, as <c>diff -u</c> shows it. Changes of ours stand in one place, so there is one hunk.</summary>
internal static class LineDiff
{
    private const int Context = 3;

    /// <summary>The hunk with the two headings; empty when nothing changes.</summary>
    public static string Of(string path, string? before, string? after)
    {
        var old = Split(before ?? "");
        var made = Split(after ?? "");
        var head = 0;
        while (head < old.Length && head < made.Length && old[head] == made[head])
        {
            head++;
        }
        var tail = 0;
        while (tail < old.Length - head && tail < made.Length - head && old[^(tail + 1)] == made[^(tail + 1)])
        {
            tail++;
        }
        if (head + tail == old.Length && head + tail == made.Length)
        {
            return "";
        }
        var start = Math.Max(0, head - Context);
        var rest = Math.Min(tail, Context);
        var text = new StringBuilder()
            .Append(before is null ? "--- /dev/null\n" : $"--- {path}\n")
            .Append(after is null ? "+++ /dev/null\n" : $"+++ {path}\n")
            .Append($"@@ -{Place(start, old.Length - tail + rest)} +{Place(start, made.Length - tail + rest)} @@\n");
        Add(text, ' ', old[start..head]);
        Add(text, '-', old[head..^tail]);
        Add(text, '+', made[head..^tail]);
        Add(text, ' ', old[^tail..][..rest]);
        return text.ToString();
    }

    private static void Add(StringBuilder text, char mark, string[] lines)
    {
        foreach (var line in lines)
        {
            text.Append(mark).Append(line).Append('\n');
        }
    }

    private static string Place(int start, int end) => $"{(end == start ? start : start + 1)},{end - start}";

    private static string[] Split(string text) => text.Length == 0 ? [] : (text.EndsWith('\n') ? text[..^1] : text).Split('\n');
}

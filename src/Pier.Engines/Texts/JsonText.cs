using System.Text;
using System.Text.Json;

namespace Pier.Engines.Texts;

/// <summary>
/// A JSON object as text, changed in one place at a time: every byte that the change does not concern stays. Lists of strings
/// are all it knows to change.
/// </summary>
internal static class JsonText
{
    private const int MaxDepth = 64;

    /// <summary>The strings of a list that is a member of the outermost object; null when there is no such member.</summary>
    /// <exception cref="FormatException">The text is no JSON object, or the member is no list of strings.</exception>
    public static IReadOnlyList<string>? List(ReadOnlySpan<byte> text, string member) =>
        Find(text, member).List is { } list ? [.. list.Items.Select(item => item.Value)] : null;

    /// <summary>Puts a string in front of the list; makes the list where there is none.</summary>
    /// <exception cref="FormatException">The text is no JSON object, or the member is no list of strings.</exception>
    public static byte[] Prepend(ReadOnlySpan<byte> text, string member, string value)
    {
        if (IsBlank(text))
        {
            return Encoding.UTF8.GetBytes($"{{\n  {Quote(member)}: [\n    {Quote(value)}\n  ]\n}}\n");
        }
        var (root, list) = Find(text, member);
        if (list is null)
        {
            // A member of its own line where the object has lines, beside its neighbour where it has none.
            var gap = Gap(text, root.Start + 1);
            var before = gap.Contains('\n', StringComparison.Ordinal) ? gap : root.IsEmpty ? "" : gap;
            var after = root.IsEmpty ? "" : ",";
            var space = root.IsEmpty || gap.Length > 0 ? "" : " ";
            return Insert(text, root.Start + 1, $"{(root.IsEmpty && gap.Contains('\n', StringComparison.Ordinal) ? "\n  " : before)}{Quote(member)}: [{Quote(value)}]{after}{space}");
        }
        var inside = Gap(text, list.Start + 1);
        var separator = list.Items.Count == 0 ? "" : inside.Contains('\n', StringComparison.Ordinal) ? $",{inside}" : ", ";
        var at = list.Items.Count == 0 ? list.Start + 1 : list.Items[0].Start;
        return Insert(text, at, Quote(value) + separator);
    }

    /// <summary>Takes a string out of the list, and the list with its name when <paramref name="alsoEmptyList"/> and nothing else is in it.</summary>
    /// <exception cref="FormatException">The text is no JSON object, or the member is no list of strings.</exception>
    public static byte[] Remove(ReadOnlySpan<byte> text, string member, string value, bool alsoEmptyList)
    {
        var (_, list) = Find(text, member);
        var index = list?.Items.FindIndex(item => item.Value == value) ?? -1;
        if (list is null || index < 0)
        {
            return text.ToArray();
        }
        if (list.Items.Count == 1 && alsoEmptyList)
        {
            return Cut(text, list.NameStart, list.End);
        }
        return Cut(text, list.Items[index].Start, list.Items[index].End);
    }

    /// <summary>True for nothing but white space.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept(" \t\r\n"u8) < 0;

    /// <summary>Takes an element out with the comma that parted it from its neighbour.</summary>
    private static byte[] Cut(ReadOnlySpan<byte> text, int start, int end)
    {
        var next = SkipSpace(text, end);
        if (next < text.Length && text[next] == (byte)',')
        {
            return [.. text[..start], .. text[SkipSpace(text, next + 1)..]];
        }
        var before = start;
        while (before > 0 && " \t\r\n"u8.Contains(text[before - 1]))
        {
            before--;
        }
        return before > 0 && text[before - 1] == (byte)',' ? [.. text[..(before - 1)], .. text[end..]] : [.. text[..start], .. text[end..]];
    }

    private static (Span Root, ListSpan? List) Find(ReadOnlySpan<byte> text, string member)
    {
        var mark = text.StartsWith("\uFEFF"u8) ? 3 : 0;
        var json = new Utf8JsonReader(text[mark..], new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            json.Read();
            if (json.TokenType != JsonTokenType.StartObject)
            {
                throw new FormatException("it is no JSON object");
            }
            var root = new Span((int)json.TokenStartIndex + mark, IsEmpty: true);
            ListSpan? list = null;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                root = root with { IsEmpty = false };
                var isIt = json.ValueTextEquals(member);
                var name = (int)json.TokenStartIndex + mark;
                json.Read();
                if (!isIt)
                {
                    json.Skip();
                    continue;
                }
                list = list is null ? ReadList(ref json, name, mark, member) : throw new FormatException($"it has '{member}' twice");
            }
            while (json.Read())
            {
                // Anything but white space after the object is an exception of the reader's.
            }
            return (root, list);
        }
        catch (InvalidOperationException notText)
        {
            throw new FormatException($"'{member}' holds text that is not valid Unicode", notText);
        }
        catch (JsonException malformed)
        {
            throw new FormatException($"line {malformed.LineNumber + 1} is not valid JSON: {malformed.Message.Split(" LineNumber:", 2)[0]}", malformed);
        }
    }

    private static ListSpan ReadList(ref Utf8JsonReader json, int name, int mark, string member)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            throw new FormatException($"'{member}' is no list");
        }
        var start = (int)json.TokenStartIndex + mark;
        var items = new List<Item>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.String)
            {
                throw new FormatException($"'{member}' holds something that is no string");
            }
            items.Add(new Item(json.GetString()!, (int)json.TokenStartIndex + mark, (int)json.BytesConsumed + mark));
        }
        return new ListSpan(name, start, (int)json.BytesConsumed + mark, items);
    }

    private static int SkipSpace(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && " \t\r\n"u8.Contains(text[at]))
        {
            at++;
        }
        return at;
    }

    private static string Gap(ReadOnlySpan<byte> text, int at) => Encoding.UTF8.GetString(text[at..SkipSpace(text, at)]);

    private static byte[] Insert(ReadOnlySpan<byte> text, int at, string what) => [.. text[..at], .. Encoding.UTF8.GetBytes(what), .. text[at..]];

    private static string Quote(string value) => $"\"{JsonEncodedText.Encode(value, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    private readonly record struct Span(int Start, bool IsEmpty);

    private readonly record struct Item(string Value, int Start, int End);

    private sealed record ListSpan(int NameStart, int Start, int End, List<Item> Items);
}

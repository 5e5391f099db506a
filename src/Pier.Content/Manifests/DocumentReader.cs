using System.Globalization;
using System.Text;
using System.Text.Json;
using Pier.Content.Contracts;

namespace Pier.Content.Manifests;

/// <summary>
/// Walks a JSON document of known shape without building a tree, and knows at every moment the path for its errors
/// (<c>$.layers[3].digest</c>).
/// </summary>
internal ref struct DocumentReader
{
    private readonly List<string> path = new(8);
    private Utf8JsonReader json;

    public DocumentReader(ReadOnlySpan<byte> document, int maxDepth) =>
        json = new Utf8JsonReader(document, new JsonReaderOptions { MaxDepth = maxDepth });

    /// <summary>Where the reader stands.</summary>
    public readonly string Path
    {
        get
        {
            var text = new StringBuilder("$");
            foreach (var step in path)
            {
                text.Append(step);
            }

            return text.ToString();
        }
    }

    /// <summary>Moves to the document's only value.</summary>
    public void Start() => Advance();

    /// <summary>Makes sure that nothing follows the document's value; what does is a fault of the JSON.</summary>
    public void End() => Advance();

    /// <summary>True when the current value is null.</summary>
    public readonly bool IsNull => json.TokenType == JsonTokenType.Null;

    /// <summary>Enters the object that the reader stands at.</summary>
    public void EnterObject()
    {
        Expect(JsonTokenType.StartObject, "an object");
        path.Add("");
    }

    /// <summary>
    /// Moves to the next property's value and returns its name as it stands in <paramref name="known"/>, an empty
    /// string for an unknown property, or null at the object's end. Known names must not repeat, and must not be
    /// written in another case: Go readers would take either, so two clients would see two documents.
    /// </summary>
    public string? NextProperty(ReadOnlySpan<string> known, ref uint seen)
    {
        Advance();
        if (json.TokenType == JsonTokenType.EndObject)
        {
            path.RemoveAt(path.Count - 1);
            return null;
        }

        var index = IndexOfKnown(known);
        if (index < 0)
        {
            path[^1] = ".*";
            Advance();
            return "";
        }

        path[^1] = $".{known[index]}";
        if ((seen & (1u << index)) != 0)
        {
            throw Fault("the property appears twice.");
        }

        seen |= 1u << index;
        Advance();
        return known[index];
    }

    /// <summary>Moves to the next property's value of an object with free keys; null at its end.</summary>
    public string? NextKey()
    {
        Advance();
        if (json.TokenType == JsonTokenType.EndObject)
        {
            path.RemoveAt(path.Count - 1);
            return null;
        }

        var key = Text();
        path[^1] = $"['{(key.Length <= 100 ? key : key[..100] + "…")}']";
        Advance();
        return key;
    }

    /// <summary>Enters the array that the reader stands at.</summary>
    public void EnterArray()
    {
        Expect(JsonTokenType.StartArray, "an array");
        path.Add("");
    }

    /// <summary>Moves to an array's next value; false at its end.</summary>
    public bool NextItem(int index)
    {
        Advance();
        if (json.TokenType == JsonTokenType.EndArray)
        {
            path.RemoveAt(path.Count - 1);
            return false;
        }

        path[^1] = $"[{index.ToString(CultureInfo.InvariantCulture)}]";
        return true;
    }

    /// <summary>The current value as text.</summary>
    public readonly string String()
    {
        Expect(JsonTokenType.String, "a string");
        return Text();
    }

    /// <summary>The current value as a whole number.</summary>
    public readonly long Integer()
    {
        Expect(JsonTokenType.Number, "a number");
        return json.TryGetInt64(out var value) ? value : throw Fault("expected a whole number of at most 64 bits.");
    }

    /// <summary>The current value as bytes written in base64.</summary>
    public readonly byte[] Base64()
    {
        Expect(JsonTokenType.String, "a string");
        return json.TryGetBytesFromBase64(out var bytes) ? bytes : throw Fault("expected base64.");
    }

    /// <summary>Passes over the current value, however deep.</summary>
    public void Skip()
    {
        try
        {
            json.Skip();
        }
        catch (JsonException broken)
        {
            throw Fault(Reason(broken), broken);
        }
    }

    /// <summary>A fault at the place where the reader stands.</summary>
    public readonly ContentFormatException Fault(string what, Exception? cause = null) => new($"{Path}: {what}", cause);

    private static string Reason(JsonException broken) =>
        $"not valid JSON at line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1} (or nested too deep).";

    private readonly void Expect(JsonTokenType type, string words)
    {
        if (json.TokenType != type)
        {
            throw Fault($"expected {words}, found {Words(json.TokenType)}.");
        }
    }

    private static string Words(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "a boolean",
    };

    private void Advance()
    {
        try
        {
            json.Read();
        }
        catch (JsonException broken)
        {
            throw Fault(Reason(broken), broken);
        }
    }

    private readonly string Text()
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException broken)
        {
            throw Fault("the text is not valid UTF-8, or has half a surrogate pair.", broken);
        }
    }

    private readonly int IndexOfKnown(ReadOnlySpan<string> known)
    {
        // Names with escapes are rare, and half a surrogate pair among them is a fault of its own.
        var name = json.ValueIsEscaped ? Encoding.UTF8.GetBytes(Text()) : json.ValueSpan;
        for (var i = 0; i < known.Length; i++)
        {
            if (!Ascii.EqualsIgnoreCase(name, known[i]))
            {
                continue;
            }

            return Ascii.Equals(name, known[i])
                ? i
                : throw Fault($"'{Encoding.ASCII.GetString(name)}' differs from '{known[i]}' by case alone, which clients read differently.");
        }

        return -1;
    }
}

using System.Text;
using System.Text.Json;

namespace Pier.Daemon.Options;

/// <summary>Walks the configuration file and names the line of whatever is wrong with it.</summary>
internal ref struct ConfigurationReader
{
    /// <summary>Deeper than any key of the format goes, and a bound for hostile files.</summary>
    private const int MaxDepth = 8;

    private readonly ReadOnlySpan<byte> _text;
    private readonly string _path;
    private Utf8JsonReader _json;

    public ConfigurationReader(ReadOnlySpan<byte> text, string path)
    {
        _text = text;
        _path = path;
        _json = new Utf8JsonReader(text, new JsonReaderOptions
        {
            CommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
            MaxDepth = MaxDepth,
        });
    }

    /// <summary>Steps into an object that must come next.</summary>
    public void EnterObject(string what)
    {
        Read();
        Expect(JsonTokenType.StartObject, $"{what} must be an object in braces");
    }

    /// <summary>The next key of the object, or null at its end.</summary>
    public string? NextKey()
    {
        Read();
        return _json.TokenType == JsonTokenType.EndObject ? null : Unescaped();
    }

    /// <summary>A string, or a number taken as its text.</summary>
    public string Text(string key)
    {
        Read();
        return _json.TokenType == JsonTokenType.Number
            ? Encoding.UTF8.GetString(_json.ValueSpan)
            : StringHere($"'{key}' must be a string");
    }

    /// <summary>A whole number.</summary>
    public int Number(string key)
    {
        Read();
        return _json.TokenType == JsonTokenType.Number && _json.TryGetInt32(out var number)
            ? number
            : throw Wrong($"'{key}' must be a whole number");
    }

    /// <summary>True or false.</summary>
    public bool Flag(string key)
    {
        Read();
        return _json.TokenType is JsonTokenType.True or JsonTokenType.False
            ? _json.GetBoolean()
            : throw Wrong($"'{key}' must be true or false, not {Name(_json.TokenType)}");
    }

    /// <summary>A list of strings; a single string is a list of one.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        Read();
        if (_json.TokenType == JsonTokenType.String)
        {
            return [Unescaped()];
        }
        Expect(JsonTokenType.StartArray, $"'{key}' must be a string or a list of strings");
        var values = new List<string>();
        for (Read(); _json.TokenType != JsonTokenType.EndArray; Read())
        {
            values.Add(StringHere($"'{key}' must hold strings only"));
        }
        return values;
    }

    /// <summary>Nothing may follow the outermost object.</summary>
    public void End()
    {
        try
        {
            if (_json.Read())
            {
                throw Wrong("nothing may follow the closing brace");
            }
        }
        catch (JsonException malformed)
        {
            throw Malformed(malformed);
        }
    }

    /// <summary>An error that names the line of the last thing read.</summary>
    public readonly ConfigurationException Wrong(string what) =>
        new($"{_path}, line {LineOf(_json.TokenStartIndex)}: {what}.");

    /// <summary>The error for a key that the format does not have.</summary>
    public readonly ConfigurationException Unknown(string key, IEnumerable<string> known) =>
        Wrong($"unknown key '{key}'; known here: {string.Join(", ", known)}");

    private void Read()
    {
        try
        {
            if (!_json.Read())
            {
                throw Wrong("the file ends too early");
            }
        }
        catch (JsonException malformed)
        {
            throw Malformed(malformed);
        }
    }

    private readonly string StringHere(string expectation)
    {
        Expect(JsonTokenType.String, expectation);
        return Unescaped();
    }

    private readonly string Unescaped()
    {
        try
        {
            return _json.GetString()!;
        }
        catch (InvalidOperationException notText)
        {
            throw new ConfigurationException(Wrong("this string is not valid Unicode text").Message, notText);
        }
    }

    private readonly void Expect(JsonTokenType kind, string expectation)
    {
        if (_json.TokenType != kind)
        {
            throw Wrong($"{expectation}, not {Name(_json.TokenType)}");
        }
    }

    private readonly ConfigurationException Malformed(JsonException malformed) =>
        new($"{_path}, line {malformed.LineNumber + 1}: not valid JSON: {malformed.Message.Split(" LineNumber:", 2)[0]}", malformed);

    private readonly int LineOf(long offset) => _text[..(int)Math.Min(offset, _text.Length)].Count((byte)'\n') + 1;

    private static string Name(JsonTokenType kind) => kind switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.True or JsonTokenType.False => "true or false",
        JsonTokenType.Null => "null",
        JsonTokenType.Number => "a number",
        JsonTokenType.String => "a string",
        _ => "this",
    };
}

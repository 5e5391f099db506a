using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pier.Buildkit.Dockerfiles;

/// <summary>The JSON form of arguments: one array of strings and nothing else.</summary>
internal static class JsonWords
{
    /// <summary>Reads it; false when the text is anything else, which BuildKit then reads as plain words.</summary>
    public static bool TryRead(string text, out IReadOnlyList<string> words)
    {
        var found = new List<string>();
        words = found;
        if (!text.StartsWith('['))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                found.Add(reader.GetString()!);
            }

            return reader.TokenType == JsonTokenType.EndArray && !reader.Read();
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Writes words in the JSON form.</summary>
    public static string Write(IEnumerable<string> words) => $"[{string.Join(',', words.Select(word => $"\"{Encode(word)}\""))}]";

    /// <summary>By way of UTF-8, which has a replacement for what is no text.</summary>
    private static JsonEncodedText Encode(string word) => JsonEncodedText.Encode(Encoding.UTF8.GetBytes(word), JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
}

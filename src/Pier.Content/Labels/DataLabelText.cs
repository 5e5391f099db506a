using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pier.Content.Labels;

/// <summary>Labels as text: <c>org.pier.data.&lt;16 hex digits&gt;</c>, of the path's SHA-256, and a JSON object.</summary>
public static class DataLabelText
{
    /// <summary>Most bytes of a value that is read.</summary>
    public const int MaxLength = 64 << 10;

    /// <summary>Most bytes of an outline; a label with a longer one is written without.</summary>
    public const int MaxOutline = 32 << 10;

    /// <summary>Most sources of one label, as of a <c>PIER</c> line.</summary>
    public const int MaxSources = 32;

    /// <summary>Longest path, as Linux has it.</summary>
    public const int MaxPath = 4096;

    private const int Version = 1;
    private const int KeyDigits = 16;
    private const int V1Digits = 40;
    private const int V2Digits = 64;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions Shallow = new() { MaxDepth = 4 };
    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    /// <summary>The name of the label for content at a path: a later line that writes there replaces it.</summary>
    /// <param name="sha256">Of the path in UTF-8. The caller hashes: a frontend has no OpenSSL, which the base library needs for it.</param>
    public static string NameOf(ReadOnlySpan<byte> sha256) => $"{DataLabel.Marker}.{Convert.ToHexStringLower(sha256)[..KeyDigits]}";

    /// <summary>True for names of labels that say what lies in the image; the marker is none.</summary>
    public static bool IsName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length == DataLabel.Marker.Length + 1 + KeyDigits
            && name.StartsWith(DataLabel.Marker, StringComparison.Ordinal)
            && name[DataLabel.Marker.Length] == '.'
            && !name.AsSpan(DataLabel.Marker.Length + 1).ContainsAnyExcept(LowerHex);
    }

    /// <summary>The value of a label: always the same text for the same content.</summary>
    public static string Write(DataLabel label)
    {
        ArgumentNullException.ThrowIfNull(label);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version"u8, Version);
            writer.WriteString("path"u8, label.Path);
            writer.WriteString("digest"u8, label.Digest.ToString());
            if (label.Size is { } size)
            {
                writer.WriteNumber("size"u8, size);
            }

            if (label.IsTree)
            {
                writer.WriteBoolean("tree"u8, true);
            }

            WriteList(writer, "sources"u8, label.Sources);
            if (label.InfoHashes.Count > 0)
            {
                WriteList(writer, "infoHashes"u8, label.InfoHashes);
            }

            if (label.Outline is { Length: > 0 and <= MaxOutline } outline)
            {
                writer.WriteBase64String("outline"u8, outline.Span);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads a value.</summary>
    /// <exception cref="DataLabelException">It is no such label; says why.</exception>
    public static DataLabel Read(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Length > MaxLength)
        {
            throw new DataLabelException($"it has more than {MaxLength} characters");
        }

        try
        {
            using var document = JsonDocument.Parse(value, Shallow);
            return Read(document.RootElement);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            // A wrong kind of value, or text that is no Unicode: the base library's own words say which.
            throw new DataLabelException(malformed.Message, malformed);
        }
    }

    private static DataLabel Read(JsonElement root)
    {
        if (!root.TryGetProperty("version", out var version) || version.GetInt64() != Version)
        {
            throw new DataLabelException($"it is not of version {Version}");
        }

        var path = Text(root, "path", MaxPath);
        if (path[0] != '/' || path.Contains('\0', StringComparison.Ordinal))
        {
            throw new DataLabelException($"'{path}' is no absolute path");
        }

        if (!Digest.TryParse(Text(root, "digest", MaxPath), out var digest) || digest.Algorithm != DigestAlgorithm.Sha256)
        {
            throw new DataLabelException("'digest' is no SHA-256 digest");
        }

        var size = root.TryGetProperty("size", out var length) ? length.GetInt64() : (long?)null;
        if (size < 0)
        {
            throw new DataLabelException($"a size of {size}");
        }

        var hashes = Texts(root, "infoHashes", most: 2, longest: V2Digits);
        if (hashes.Any(hash => hash.Length is not (V1Digits or V2Digits) || hash.AsSpan().ContainsAnyExcept(LowerHex)))
        {
            throw new DataLabelException("'infoHashes' has something else than 40 or 64 lower-case hex digits");
        }

        return new DataLabel(path, digest, root.TryGetProperty("tree", out var tree) && tree.GetBoolean(), Texts(root, "sources", MaxSources, MaxLength))
        {
            Size = size,
            InfoHashes = hashes,
            Outline = root.TryGetProperty("outline", out var outline) ? outline.GetBytesFromBase64() : default,
        };
    }

    private static string Text(JsonElement root, string name, int longest) =>
        root.TryGetProperty(name, out var value) && value.GetString() is { Length: > 0 } text && text.Length <= longest
            ? text
            : throw new DataLabelException($"'{name}' is missing, empty or too long");

    private static string[] Texts(JsonElement root, string name, int most, int longest)
    {
        if (!root.TryGetProperty(name, out var list))
        {
            return [];
        }

        string?[] texts = list.GetArrayLength() <= most
            ? [.. list.EnumerateArray().Select(item => item.GetString())]
            : throw new DataLabelException($"'{name}' has more than {most} entries");
        return Array.TrueForAll(texts, text => text is { Length: > 0 } && text.Length <= longest)
            ? [.. texts.OfType<string>()]
            : throw new DataLabelException($"'{name}' has an entry that is empty or too long");
    }

    private static void WriteList(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }
}

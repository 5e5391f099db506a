using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pier.BitTorrent.Dht;

/// <summary>Keeps a node's id and neighbours between runs in a small JSON document, written aside and renamed. What cannot be read is forgotten.</summary>
internal static class DhtFile
{
    private const int Version = 1;
    private const int MaxBytes = 1 << 20;
    private const int MaxNodes = 1000;

    /// <summary>Reads the file; an empty state when there is none, or none that makes sense.</summary>
    /// <exception cref="IOException">The file is there and cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static DhtState Read(string path)
    {
        if (!File.Exists(path) || new FileInfo(path).Length > MaxBytes)
        {
            return DhtState.Empty;
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), DhtJson.Default.DhtDocument) is { Version: Version } document
                ? new DhtState(Id(document.Id), Id(document.Id6), [.. (document.Nodes ?? []).Take(MaxNodes).Select(Node).OfType<NodeContact>()])
                : DhtState.Empty;
        }
        catch (JsonException)
        {
            // Half a file, or another program's: a node finds its neighbours again without.
            return DhtState.Empty;
        }
    }

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static void Write(string path, DhtState state)
    {
        var document = new DhtDocument(
            Version, state.V4?.ToString(), state.V6?.ToString(), [.. state.Nodes.Select(node => $"{node.Id}@{node.EndPoint}")]);
        var aside = $"{path}.tmp";
        using (var file = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            JsonSerializer.Serialize(file, document, DhtJson.Default.DhtDocument);
            file.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
    }

    private static NodeId? Id(string? text)
    {
        if (text is not { Length: NodeId.Size * 2 } || !text.All(char.IsAsciiHexDigit))
        {
            return null;
        }

        return new NodeId(Convert.FromHexString(text));
    }

    private static NodeContact? Node(string? text) =>
        text?.Split('@') is [var id, var at] && Id(id) is { } known && IPEndPoint.TryParse(at, out var endPoint) && endPoint.Port > 0
            ? new NodeContact(known, endPoint)
            : null;
}

/// <summary>The document of <see cref="DhtFile"/>.</summary>
/// <param name="Version">Of the format.</param>
/// <param name="Id">Among IPv4 nodes, hexadecimal.</param>
/// <param name="Id6">Among IPv6 nodes, hexadecimal.</param>
/// <param name="Nodes">Each <c>id@address:port</c>.</param>
internal sealed record DhtDocument(int Version, string? Id, string? Id6, IReadOnlyList<string?>? Nodes);

/// <summary>Writes and reads the document without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DhtDocument))]
internal sealed partial class DhtJson : JsonSerializerContext;

using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Store.Datasets;

/// <summary>A tree over content that lies elsewhere (design §5): the document of a dataset, named by the digest of its bytes.</summary>
/// <param name="Version">1.</param>
/// <param name="Name">What people call it; need not be unique.</param>
/// <param name="Entries">Its files, links and directories; directories that only hold others may be left out.</param>
public sealed record DatasetDocument(int Version, string Name, IReadOnlyList<DatasetEntry> Entries)
{
    /// <summary>The version of now.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Entries of one dataset.</summary>
    public const int MaxEntries = 1_000_000;

    /// <summary>Bytes of a document.</summary>
    public const int MaxBytes = 256 << 20;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private const int TorrentV1Digits = 40;
    private const int TorrentV2Digits = 64;
    private const int MaxMode = 0xfff;

    /// <summary>The document as it is kept.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, DatasetJson.Default.DatasetDocument);

    /// <summary>Reads a document.</summary>
    /// <exception cref="ContentFormatException">Not a dataset, of another version, or beyond a bound; names the entry.</exception>
    public static DatasetDocument Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
        {
            throw new ContentFormatException($"A dataset of {bytes.Length} bytes; {MaxBytes} is the most.");
        }

        try
        {
            var document = JsonSerializer.Deserialize(bytes, DatasetJson.Default.DatasetDocument);
            if (document is not { Version: CurrentVersion, Name: not null, Entries: not null })
            {
                throw new ContentFormatException($"Not a dataset of version {CurrentVersion}.");
            }

            document.Check();
            return document;
        }
        catch (JsonException malformed)
        {
            throw new ContentFormatException($"Not a dataset: {malformed.Message}", malformed);
        }
    }

    /// <summary>Holds the entries against the format. Whether their paths make a tree is for <see cref="DatasetTree"/> to say.</summary>
    /// <exception cref="ContentFormatException">An entry is malformed; names it.</exception>
    public void Check()
    {
        if (Entries.Count > MaxEntries)
        {
            throw new ContentFormatException($"A dataset of {Entries.Count} entries; {MaxEntries} are the most.");
        }

        foreach (var entry in Entries)
        {
            if (Problem(entry) is { } problem)
            {
                throw new ContentFormatException($"The dataset is refused: '{entry?.Path}' {problem}.");
            }
        }
    }

    private static string? Problem(DatasetEntry? entry)
    {
        if (entry?.Path is null)
        {
            return "has no path";
        }

        var kinds = (entry.Digest is null ? 0 : 1) + (entry.Torrent is null ? 0 : 1) + (entry.Link is null ? 0 : 1) + (entry.IsDirectory ? 1 : 0);
        return kinds != 1 ? "is not exactly one of a blob, a part of a torrent, a link and a directory"
            : entry.Mode is < 0 or > MaxMode ? $"has mode {entry.Mode}"
            : entry.Size < 0 || entry.Offset < 0 || entry.Size > long.MaxValue - entry.Offset ? "has a size or offset below zero or beyond all bounds"
            : entry.Digest is { } digest && !Content.Digest.TryParse(digest, out _) ? $"names '{digest}', which is no digest"
            : entry.Torrent is { } torrent && !IsInfoHash(torrent) ? $"names '{torrent}', which is no info-hash"
            : null;
    }

    private static bool IsInfoHash(string text) =>
        text.Length is TorrentV1Digits or TorrentV2Digits && !text.AsSpan().ContainsAnyExcept(HexDigits);
}

/// <summary>JSON of the datasets folder.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(DatasetDocument))]
internal sealed partial class DatasetJson : JsonSerializerContext;

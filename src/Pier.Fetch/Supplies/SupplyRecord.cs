using System.Text.Json.Serialization;
using Pier.Content;
using Pier.Content.Contracts;

namespace Pier.Fetch.Supplies;

/// <summary>What content for a build turned out to be: kept for ever, a small document each.</summary>
internal sealed record SupplyRecord(int Version, IReadOnlyList<string> Uris, IReadOnlyList<string> Includes, string Digest, long Size)
{
    /// <summary>The only version so far.</summary>
    public const int Current = 1;

    /// <summary>It is the tar of a tree.</summary>
    public bool IsTree { get; init; }

    /// <summary>The file carries the executable bit.</summary>
    public bool IsExecutable { get; init; }

    /// <summary>Name of the file or folder.</summary>
    public string Name { get; init; } = "";

    /// <summary>The blob that is its <c>.torrent</c> file; null when nobody wanted one yet.</summary>
    public string? Torrent { get; init; }

    /// <summary>The URI that brought it; null in documents of earlier versions of this program.</summary>
    public string? Source { get; init; }

    /// <summary>Info-hashes of the torrent that it came by; null for none, and in records of older versions.</summary>
    public IReadOnlyList<string>? InfoHashes { get; init; }

    /// <summary>Outline of that torrent, in base64; null where it is long.</summary>
    public string? Outline { get; init; }

    /// <summary>The compressed archive that this is the tar of; null when it was taken as it is.</summary>
    public string? Archive { get; init; }

    /// <summary>By what a change of a mutable source is noticed; null when by nothing short of fetching it.</summary>
    public string? Validator { get; init; }

    public static SupplyRecord Of(SupplyRequest request, SuppliedBlob blob, string? validator, string? source = null) => new(
        Current, [.. request.Uris.Select(uri => uri.Text)], request.Includes, blob.Digest.ToString(), blob.Size)
    {
        IsTree = blob.IsTree,
        IsExecutable = blob.IsExecutable,
        Name = blob.Name,
        Torrent = blob.Torrent?.ToString(),
        InfoHashes = blob.InfoHashes.Count > 0 ? blob.InfoHashes : null,
        Outline = blob.Outline,
        Archive = blob.Archive?.ToString(),
        Validator = validator,
        Source = source,
    };

    /// <summary>The blob; null when the document is damaged.</summary>
    public SuppliedBlob? ToBlob() => Content.Digest.TryParse(Digest ?? "", out var digest) && Size >= 0 && Name is not null
        ? new SuppliedBlob(digest, Size, IsTree, IsExecutable, Name)
        {
            Torrent = Parsed(Torrent),
            InfoHashes = InfoHashes ?? [],
            Outline = Outline,
            Archive = Parsed(Archive),
        }
        : null;

    private static Content.Digest? Parsed(string? text) => Content.Digest.TryParse(text ?? "", out var digest) ? digest : null;
}

/// <summary>Source-generated JSON of these documents.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SupplyRecord))]
internal sealed partial class SupplyJson : JsonSerializerContext;

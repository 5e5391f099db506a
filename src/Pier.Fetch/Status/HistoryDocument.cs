using System.Text.Json.Serialization;
using Pier.Content;
using Pier.Content.References;
using Pier.Fetch.Delivery;

namespace Pier.Fetch.Status;

/// <summary>How the last blobs came, on disk.</summary>
internal sealed record HistoryDocument(int Version, IReadOnlyList<HistoryEntry> Blobs)
{
    /// <summary>The only version so far.</summary>
    public const int Current = 1;
}

/// <summary>How one blob came.</summary>
internal sealed record HistoryEntry(
    string Digest, string? Registry, string? Repository, long Size, bool Sealed, SourceBytes Sources, DateTimeOffset StartedAt, string? Problem)
{
    public static HistoryEntry Of(BlobDelivery delivery) => new(
        delivery.Digest.ToString(), delivery.Origin?.Registry, delivery.Origin?.Path, delivery.Size,
        delivery.State == FetchState.Sealed, delivery.Sources, delivery.StartedAt, delivery.Problem);

    /// <summary>The delivery; null when the entry is damaged.</summary>
    public BlobDelivery? ToDelivery() => Sources is not null && Content.Digest.TryParse(Digest, out var digest)
        ? new BlobDelivery(
            digest, Registry is not null && Repository is not null ? new RepositoryName(Registry, Repository) : null, Size, Sealed ? Size : 0,
            Sealed ? FetchState.Sealed : FetchState.Failed, Sources, Rate: 0, [], Waiting: 0, StartedAt, Problem)
        : null;
}

/// <summary>Source-generated JSON of the history.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HistoryDocument))]
internal sealed partial class HistoryJson : JsonSerializerContext;

using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Fetch.Delivery;

namespace Pier.Fetch.Status;

/// <summary>A moment of one blob's delivery; immutable.</summary>
/// <param name="Digest">The blob.</param>
/// <param name="Origin">The repository it is asked for under, or null.</param>
/// <param name="Size">Length in bytes; 0 until a source has accepted.</param>
/// <param name="Arrived">Bytes on disk.</param>
/// <param name="State">How far it is.</param>
/// <param name="Sources">Bytes by source.</param>
/// <param name="Rate">Bytes per second over the last seconds; 0 once it has ended.</param>
/// <param name="Legs">The sources at work now.</param>
/// <param name="Waiting">Clients, followers and commands that wait for its bytes.</param>
/// <param name="StartedAt">When the first of them asked.</param>
/// <param name="Problem">Why it failed, or null.</param>
public sealed record BlobDelivery(
    Digest Digest,
    RepositoryName? Origin,
    long Size,
    long Arrived,
    FetchState State,
    SourceBytes Sources,
    double Rate,
    IReadOnlyList<LegStatus> Legs,
    int Waiting,
    DateTimeOffset StartedAt,
    string? Problem)
{
    internal static BlobDelivery Of(BlobFetch fetch)
    {
        var legs = fetch.Legs
            .Select(leg => new LegStatus(leg.Name, leg.Kind, leg.Bytes, leg.Rate))
            .ToArray();
        return new BlobDelivery(
            fetch.Digest,
            fetch.Request.Origin,
            fetch.IsAccepted ? fetch.Request.Size ?? 0 : 0,
            fetch.Arrived,
            fetch.State,
            fetch.Sources,
            legs.Sum(leg => leg.Rate),
            legs,
            fetch.Interested,
            fetch.StartedAt,
            fetch.Failure?.Message);
    }
}

/// <summary>One source at work.</summary>
/// <param name="Name">Display name.</param>
/// <param name="Kind">What kind of place it is; null while it is being chosen.</param>
/// <param name="Bytes">Bytes it has delivered.</param>
/// <param name="Rate">Bytes per second over the last seconds.</param>
public sealed record LegStatus(string Name, SourceKind? Kind, long Bytes, double Rate);

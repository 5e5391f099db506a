using Pier.Api.Nodes;

namespace Pier.Cli.Output;

/// <summary>What moved between two looks at a node.</summary>
/// <param name="Seconds">Time between the looks.</param>
/// <param name="Received">Bytes a second by source.</param>
/// <param name="Sent">Bytes a second to swarms.</param>
/// <param name="Peers">Connected peers.</param>
/// <param name="HitRatio">Share of bytes since the start that the store gave; null while there were none.</param>
/// <param name="Fetches">What is arriving, the fastest first.</param>
internal sealed record TopReport(double Seconds, SourceBytes Received, long Sent, int Peers, double? HitRatio, IReadOnlyList<TopFetch> Fetches)
{
    private const int Shown = 30;

    /// <summary>Compares two looks.</summary>
    public static TopReport Of(NodeStatus before, NodeStatus now, TimeSpan time)
    {
        var seconds = Math.Max(time.TotalSeconds, 0.001);
        var earlier = before.Fetches.Where(IsArriving).ToDictionary(fetch => fetch.Digest, fetch => Arrived(fetch.Sources), StringComparer.Ordinal);
        var (was, total) = (before.Transfers.Received, now.Transfers.Received);
        return new TopReport(
            seconds,
            new SourceBytes(
                Rate(was.Cache, total.Cache), Rate(was.Swarm, total.Swarm), Rate(was.Members, total.Members), Rate(was.Ipfs, total.Ipfs), Rate(was.Upstream, total.Upstream)),
            Rate(before.Transfers.SentToPeers, now.Transfers.SentToPeers),
            now.Swarms.Sum(swarm => swarm.Peers),
            total.Total == 0 ? null : (double)total.Cache / total.Total,
            [.. now.Fetches.Where(IsArriving).Select(Fetch).OrderByDescending(fetch => fetch.Rate)]);

        // A daemon that was started again counts from nought.
        long Rate(long from, long to) => (long)(Math.Max(0, to - from) / seconds);

        TopFetch Fetch(FetchStatus fetch)
        {
            var rate = earlier.TryGetValue(fetch.Digest, out var had) ? Rate(had, Arrived(fetch.Sources)) : fetch.Rate;
            var missing = fetch.Size - Arrived(fetch.Sources);
            return new TopFetch(
                fetch.Digest, fetch.Origin, fetch.Size, Arrived(fetch.Sources), rate, fetch.Sources, rate > 0 && fetch.Size > 0 && missing >= 0 ? (double)missing / rate : null);
        }
    }

    /// <summary>The page.</summary>
    public void Render(TextWriter writer)
    {
        writer.WriteLine($"in   {Sizes.Rate(Received.Upstream)} upstream  {Sizes.Rate(Received.Swarm)} swarms  {Sizes.Rate(Received.Members)} members  {Sizes.Rate(Received.Ipfs)} ipfs");
        writer.WriteLine($"out  {Sizes.Rate(Received.Cache)} from the store to clients  {Sizes.Rate(Sent)} to swarms, {Peers} peers");
        writer.WriteLine($"hit  {(HitRatio is { } ratio ? $"{100 * ratio:0}% of all bytes came from the store" : "-")}");
        if (Fetches.Count == 0)
        {
            writer.WriteLine("nothing is arriving");
            return;
        }
        var table = new TextTable("ARRIVING", "DONE>", "SIZE>", "RATE>", "ETA>", "FROM", "FOR");
        foreach (var fetch in Fetches.Take(Shown))
        {
            table.Row(
                Sizes.ShortDigest(fetch.Digest), fetch.Size > 0 ? $"{100 * fetch.Arrived / fetch.Size}%" : "-", fetch.Size > 0 ? Sizes.Bytes(fetch.Size) : "-",
                Sizes.Rate(fetch.Rate), fetch.Eta is { } eta and < 360_000 ? Sizes.Duration(TimeSpan.FromSeconds(eta)) : "-", SourceSplit.Shares(fetch.Sources), fetch.Origin ?? "");
        }
        table.WriteTo(writer);
        if (Fetches.Count > Shown)
        {
            writer.WriteLine($"… and {Fetches.Count - Shown} more");
        }
    }

    private static bool IsArriving(FetchStatus fetch) => fetch.State == "fetching";

    private static long Arrived(SourceBytes sources) => sources.Total - sources.Cache;
}

/// <summary>A blob that is arriving.</summary>
/// <param name="Digest">Its name.</param>
/// <param name="Origin">The repository it was asked for under, or null.</param>
/// <param name="Size">Bytes of the whole; 0 while unknown.</param>
/// <param name="Arrived">Bytes that are here.</param>
/// <param name="Rate">Bytes a second.</param>
/// <param name="Sources">Bytes by source.</param>
/// <param name="Eta">Seconds to come at this rate; null while nothing moves.</param>
internal sealed record TopFetch(string Digest, string? Origin, long Size, long Arrived, long Rate, SourceBytes Sources, double? Eta);

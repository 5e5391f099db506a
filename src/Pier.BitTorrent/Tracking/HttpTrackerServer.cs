using System.Net;

namespace Pier.BitTorrent.Tracking;

/// <summary>
/// Our tracker over HTTP, without the HTTP: takes the raw query string and gives the body, which is served with status 200 as
/// <c>text/plain</c> whatever it says (BEP 3). Mounted by a program at <c>/announce</c> and <c>/scrape</c>.
/// </summary>
public sealed class HttpTrackerServer(SwarmRegistry registry)
{
    /// <summary>Answers an announce.</summary>
    /// <param name="rawQuery">The query string as received, still percent-encoded.</param>
    /// <param name="remote">Where the request came from.</param>
    public byte[] Announce(string rawQuery, IPAddress remote)
    {
        ArgumentNullException.ThrowIfNull(rawQuery);
        ArgumentNullException.ThrowIfNull(remote);
        var address = remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote;
        if (TrackerQuery.Read(rawQuery, out var problem) is not { } query
            || query.ToAnnounce(address, out problem) is not { } announce)
        {
            return TrackerAnswerWriter.Failure(problem!);
        }

        var answer = registry.Announce(announce);
        return answer.Refusal is { } refusal
            ? TrackerAnswerWriter.Failure(refusal)
            : TrackerAnswerWriter.Announce(answer, address, query.IsCompact, query.OmitsPeerIds);
    }

    /// <summary>Answers a scrape of the swarms it names. A scrape of everything is refused: swarm names are not for strangers.</summary>
    /// <param name="rawQuery">The query string as received, still percent-encoded.</param>
    public byte[] Scrape(string rawQuery)
    {
        ArgumentNullException.ThrowIfNull(rawQuery);
        if (TrackerQuery.Read(rawQuery, out var problem) is not { } query)
        {
            return TrackerAnswerWriter.Failure(problem!);
        }

        return query.InfoHashes.Count == 0
            ? TrackerAnswerWriter.Failure("a scrape names the torrents it asks for")
            : TrackerAnswerWriter.Scrape(registry.Scrape(query.InfoHashes));
    }
}

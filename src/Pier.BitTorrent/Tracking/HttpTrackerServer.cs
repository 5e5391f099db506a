using System.Buffers;
using System.Net;
using System.Text;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Tracking;

/// <summary>
/// Our tracker over HTTP, without the HTTP: takes the path and the raw query string and gives the body, which is served with
/// status 200 as <c>text/plain</c> whatever it says (BEP 3). Mounted by a program at <c>/announce</c> and <c>/scrape</c>, and
/// with a key before or behind them.
/// </summary>
public sealed class HttpTrackerServer(Tracker tracker)
{
    /// <summary>Answers an announce.</summary>
    /// <param name="path">The path, which may hold a key.</param>
    /// <param name="rawQuery">The query string as received, still percent-encoded.</param>
    /// <param name="remote">Where the request came from.</param>
    public byte[] Announce(string path, string rawQuery, IPAddress remote)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(rawQuery);
        ArgumentNullException.ThrowIfNull(remote);
        if (!Admit(path))
        {
            return TrackerAnswerWriter.Failure(TrackerRefusal.WrongKey);
        }

        var address = remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote;
        if (TrackerQuery.Read(rawQuery, out var problem) is not { } query
            || query.ToAnnounce(address, out problem) is not { } announce)
        {
            return TrackerAnswerWriter.Failure(new TrackerRefusal(problem!));
        }

        var options = tracker.Registry.Options;
        var peers = ArrayPool<TrackedPeer>.Shared.Rent(options.MaxPeersPerAnswer);
        try
        {
            var answer = tracker.Announce(announce, peers, overUdp: false);
            return answer.Refusal is { } refusal
                ? TrackerAnswerWriter.Failure(refusal)
                : TrackerAnswerWriter.Announce(answer.Counts, peers.AsSpan(0, answer.PeerCount), options, address, query);
        }
        finally
        {
            ArrayPool<TrackedPeer>.Shared.Return(peers);
        }
    }

    /// <summary>Answers a scrape of the swarms it names (BEP 48). A scrape of everything is refused: swarm names are not for strangers.</summary>
    /// <param name="path">The path, which may hold a key.</param>
    /// <param name="rawQuery">The query string as received, still percent-encoded.</param>
    /// <param name="remote">Where the request came from.</param>
    public byte[] Scrape(string path, string rawQuery, IPAddress remote)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(rawQuery);
        ArgumentNullException.ThrowIfNull(remote);
        if (!Admit(path))
        {
            return TrackerAnswerWriter.Failure(TrackerRefusal.WrongKey);
        }

        if (TrackerQuery.Read(rawQuery, out var problem) is not { } query)
        {
            return TrackerAnswerWriter.Failure(new TrackerRefusal(problem!));
        }

        if (query.InfoHashes.Count == 0)
        {
            return TrackerAnswerWriter.Failure(new TrackerRefusal("a scrape names the torrents it asks for"));
        }

        tracker.Scraped();
        var swarms = new Dictionary<InfoHash, SwarmCounts>();
        foreach (var infoHash in query.InfoHashes.Take(tracker.Registry.Options.MaxScrape))
        {
            if (tracker.TryCount(infoHash, remote, out var counts))
            {
                swarms[infoHash] = counts;
            }
        }

        return TrackerAnswerWriter.Scrape(swarms);
    }

    // A key is ASCII; a path that is longer than any with a key in it has none that fits.
    private bool Admit(string path)
    {
        Span<byte> bytes = stackalloc byte[2 * AnnounceKeys.MaxLength];
        return tracker.Admit(Encoding.ASCII.TryGetBytes(path, bytes, out var length) ? bytes[..length] : []);
    }
}

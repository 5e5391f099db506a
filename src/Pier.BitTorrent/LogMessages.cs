using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent;

/// <summary>Everything this room logs: ids 2000 to 2999, trackers from 2100.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(2100, LogLevel.Debug, "Announced {InfoHash}: {Peers} peers, again in {Interval}")]
    public static partial void Announced(this ILogger logger, InfoHash infoHash, int peers, TimeSpan interval);

    [LoggerMessage(2101, LogLevel.Information, "Announcing {InfoHash} failed: {Problem}")]
    public static partial void AnnounceFailed(this ILogger logger, InfoHash infoHash, string problem);

    [LoggerMessage(2102, LogLevel.Debug, "Announcing {InfoHash}, one tracker failed: {Problem}")]
    public static partial void TrackerFailed(this ILogger logger, InfoHash infoHash, string problem);

    [LoggerMessage(2103, LogLevel.Information, "A tracker of the torrent is left out: {Problem}")]
    public static partial void TrackerIgnored(this ILogger logger, string problem);
}

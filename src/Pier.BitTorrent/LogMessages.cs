using System.Net;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent;

/// <summary>Everything this room logs: ids 2000 to 2999, trackers from 2100, finding peers without them from 2200.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(2000, LogLevel.Debug, "Listening for peers on {EndPoint}")]
    public static partial void Listening(this ILogger logger, IPEndPoint endPoint);

    [LoggerMessage(2001, LogLevel.Warning, "A connection could not be accepted")]
    public static partial void AcceptFailed(this ILogger logger, Exception failure);

    [LoggerMessage(2002, LogLevel.Debug, "Refused {EndPoint}: {Reason}")]
    public static partial void IncomingRefused(this ILogger logger, IPEndPoint endPoint, string reason);

    [LoggerMessage(2003, LogLevel.Debug, "No connection to {EndPoint}: {Reason}")]
    public static partial void DialFailed(this ILogger logger, IPEndPoint endPoint, string reason);

    [LoggerMessage(2004, LogLevel.Debug, "A datagram could not be received")]
    public static partial void DatagramFailed(this ILogger logger, Exception failure);

    [LoggerMessage(2005, LogLevel.Error, "A datagram of {EndPoint} met a defect")]
    public static partial void DatagramHandlerFailed(this ILogger logger, IPEndPoint endPoint, Exception defect);

    [LoggerMessage(2010, LogLevel.Debug, "Torrent {Id}: peer {EndPoint} ({Client}) connected")]
    public static partial void PeerConnected(this ILogger logger, TorrentId id, IPEndPoint endPoint, string client);

    [LoggerMessage(2011, LogLevel.Debug, "Torrent {Id}: peer {EndPoint} left: {Reason}")]
    public static partial void PeerLeft(this ILogger logger, TorrentId id, IPEndPoint endPoint, string reason);

    [LoggerMessage(2012, LogLevel.Warning, "Torrent {Id}: banned {EndPoint}, {Reason}")]
    public static partial void PeerBanned(this ILogger logger, TorrentId id, IPEndPoint endPoint, string reason);

    [LoggerMessage(2013, LogLevel.Warning, "Torrent {Id}: piece {Piece} failed its hash; {Contributors} peers had sent blocks of it")]
    public static partial void PieceFailed(this ILogger logger, TorrentId id, int piece, int contributors);

    [LoggerMessage(2014, LogLevel.Warning, "Torrent {Id}: the metadata that peers sent is not what the info-hash names")]
    public static partial void MetadataFailed(this ILogger logger, TorrentId id);

    [LoggerMessage(2015, LogLevel.Debug, "Torrent {Id}: complete, {Pieces} pieces")]
    public static partial void TorrentComplete(this ILogger logger, TorrentId id, int pieces);

    [LoggerMessage(2016, LogLevel.Error, "Torrent {Id}: stopped")]
    public static partial void TorrentFailed(this ILogger logger, TorrentId id, Exception cause);

    [LoggerMessage(2017, LogLevel.Debug, "Torrent {Id}: {State}")]
    public static partial void TorrentState(this ILogger logger, TorrentId id, Swarms.SwarmState state);

    [LoggerMessage(2040, LogLevel.Information, "Torrent {Id}: seeding goal reached: {Reason}")]
    public static partial void SeedingGoalReached(this ILogger logger, TorrentId id, string reason);

    [LoggerMessage(2041, LogLevel.Information, "Torrent {Id}: seeds again, its goal is not reached any more")]
    public static partial void SeedingResumed(this ILogger logger, TorrentId id);

    [LoggerMessage(2050, LogLevel.Information, "Torrent {Id}: web seed {Host}: {Problem}")]
    public static partial void WebSeedFailed(this ILogger logger, TorrentId id, string host, string problem);

    [LoggerMessage(2100, LogLevel.Debug, "Announced {InfoHash}: {Peers} peers, again in {Interval}")]
    public static partial void Announced(this ILogger logger, InfoHash infoHash, int peers, TimeSpan interval);

    [LoggerMessage(2101, LogLevel.Information, "Announcing {InfoHash} failed: {Problem}")]
    public static partial void AnnounceFailed(this ILogger logger, InfoHash infoHash, string problem);

    [LoggerMessage(2102, LogLevel.Debug, "Announcing {InfoHash}, one tracker failed: {Problem}")]
    public static partial void TrackerFailed(this ILogger logger, InfoHash infoHash, string problem);

    [LoggerMessage(2103, LogLevel.Information, "A tracker of the torrent is left out: {Problem}")]
    public static partial void TrackerIgnored(this ILogger logger, string problem);

    [LoggerMessage(2200, LogLevel.Information, "The DHT's bootstrap node {Host} is not known: {Problem}")]
    public static partial void DhtBootstrapUnknown(this ILogger logger, string host, string problem);

    [LoggerMessage(2210, LogLevel.Information, "No discovery in the local network over {Family}: {Problem}")]
    public static partial void LsdRefused(this ILogger logger, System.Net.Sockets.AddressFamily family, string problem);

    [LoggerMessage(2201, LogLevel.Warning, "The DHT's nodes could not be kept or read: {Problem}")]
    public static partial void DhtFileFailed(this ILogger logger, string problem);
}

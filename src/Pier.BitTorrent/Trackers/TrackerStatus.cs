namespace Pier.BitTorrent.Trackers;

/// <summary>How one tracker of a torrent is doing, for people.</summary>
/// <param name="Tracker">Scheme, host and port.</param>
/// <param name="Tier">0 for the first tier.</param>
/// <param name="Answered">Whether the last announce was answered; null before the first.</param>
/// <param name="Problem">What went wrong last, or the tracker's warning; null when nothing.</param>
public sealed record TrackerStatus(string Tracker, int Tier, bool? Answered, string? Problem);

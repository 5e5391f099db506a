namespace Pier.BitTorrent.Trackers;

/// <summary>The changing part of an announce.</summary>
/// <param name="Uploaded">Bytes sent since started.</param>
/// <param name="Downloaded">Bytes received since started.</param>
/// <param name="Left">Bytes missing; 0 for a seed, at least 1 while the size is unknown.</param>
/// <param name="PeersWanted">How many peers we would like to hear of.</param>
public readonly record struct AnnounceStats(long Uploaded, long Downloaded, long Left, int PeersWanted);

namespace Pier.BitTorrent.Choking;

/// <summary>A peer as the choker judges it.</summary>
/// <param name="Key">Who it is.</param>
/// <param name="IsInterested">It wants pieces of us.</param>
/// <param name="IsSnubbing">It owes us blocks and sends none (BEP 3).</param>
/// <param name="DownloadRate">Bytes per second it sends us.</param>
/// <param name="UploadRate">Bytes per second it gets from us.</param>
/// <param name="ConnectedFor">How long it has been connected.</param>
/// <param name="Uploaded">Bytes that it got from us.</param>
/// <param name="Pieces">How many pieces it has.</param>
internal readonly record struct ChokeCandidate(
    object Key, bool IsInterested, bool IsSnubbing, double DownloadRate, double UploadRate, TimeSpan ConnectedFor, long Uploaded, int Pieces);

using Pier.BitTorrent.Selection;

namespace Pier.Fetch.Uris;

/// <summary>Where content goes, and how much of it.</summary>
/// <param name="Folder">The folder that takes it; what an earlier attempt left there of a torrent is used.</param>
/// <param name="Files">Which files of a torrent are wanted.</param>
public sealed record DownloadPlan(string Folder, FileChoice Files)
{
    /// <summary>Everything, into a folder.</summary>
    public static DownloadPlan All(string folder) => new(folder, FileChoice.All);
}

using Pier.BitTorrent.Selection;

namespace Pier.Fetch.Uris;

/// <summary>Where content goes, and how much of it.</summary>
/// <param name="Folder">The folder that takes it; what an earlier attempt left there of a torrent is used.</param>
/// <param name="Files">Which files of a torrent are wanted.</param>
public sealed record DownloadPlan(string Folder, FileChoice Files)
{
    /// <summary>Each attempt gets a folder of its own below <see cref="Folder"/>, so that nothing of a failed one is taken for another's.</summary>
    public bool IsApart { get; init; }

    /// <summary>Everything, into a folder.</summary>
    public static DownloadPlan All(string folder) => new(folder, FileChoice.All);
}

using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Torrents;
using Pier.Fetch.Status;

namespace Pier.Fetch.Uris;

/// <summary>Tells how far a torrent is: file by file where few are wanted, else all of it as one part.</summary>
/// <param name="id">The torrent.</param>
/// <param name="choice">The files that are wanted.</param>
/// <param name="lender">Has lent files that were here before.</param>
/// <param name="progress">Who is told.</param>
internal sealed class TorrentProgress(TorrentId id, FileChoice choice, BlobLender lender, IProgress<PartProgress> progress)
{
    // About what fits on a screen.
    private const int MostShown = 32;

    private readonly Dictionary<int, PartProgress> _told = [];
    private int[]? _shown;
    private bool _hasWaited;

    /// <summary>Nobody has told yet what is in the torrent.</summary>
    public void Waiting()
    {
        _hasWaited = true;
        progress.Report(new PartProgress(id.ToString(), id.Primary.ToString(), PartState.Waiting, 0, 0, SourceBytes.None));
    }

    /// <summary>Bytes have come.</summary>
    /// <param name="metainfo">The torrent.</param>
    /// <param name="bytesOf">Bytes of a file that are here, by its index.</param>
    /// <param name="total">Bytes that are wanted of all files together.</param>
    /// <param name="done">Those that are here; padding and gaps may be among them, more than all is all.</param>
    /// <param name="sources">Where bytes come from.</param>
    public void Running(Metainfo metainfo, Func<int, long> bytesOf, long total, long done, Func<long, SourceBytes> sources)
    {
        foreach (var file in Shown(metainfo))
        {
            Tell(metainfo, file, bytesOf(file), sources);
        }
        if (_shown is [])
        {
            done = Math.Min(done, total);
            progress.Report(new PartProgress(id.ToString(), metainfo.Name, PartState.Running, total, done, sources(done)));
        }
    }

    /// <summary>Everything wanted is here.</summary>
    /// <param name="metainfo">The torrent.</param>
    /// <param name="sources">Where bytes came from.</param>
    /// <param name="split">Where all of them did, what was lent included.</param>
    public void Done(Metainfo metainfo, Func<long, SourceBytes> sources, SourceBytes split)
    {
        foreach (var file in Shown(metainfo))
        {
            Tell(metainfo, file, metainfo.Files[file].Length, sources);
        }
        if (_shown is [])
        {
            progress.Report(new PartProgress(id.ToString(), metainfo.Name, PartState.Done, split.Total, split.Total, split));
        }
    }

    /// <summary>The files of a torrent that become files on disk.</summary>
    public static IEnumerable<int> WantedOf(Metainfo metainfo, FileChoice choice)
    {
        var wanted = choice.Resolve(metainfo);
        return Enumerable.Range(0, metainfo.Files.Count)
            .Where(file => wanted[file] != FilePriority.Skip && metainfo.Files[file] is { IsPadding: false, SymlinkTarget: null });
    }

    private int[] Shown(Metainfo metainfo)
    {
        if (_shown is null)
        {
            int[] wanted = [.. WantedOf(metainfo, choice).Take(MostShown + 1)];
            _shown = metainfo.IsSingleFile || wanted.Length > MostShown ? [] : wanted;
            if (_hasWaited && _shown.Length > 0)
            {
                var info = metainfo.Info.Length;
                progress.Report(new PartProgress(id.ToString(), $"list of {metainfo.Name}", PartState.Done, info, info, SourceBytes.None with { Swarm = info }));
            }
        }
        return _shown;
    }

    private void Tell(Metainfo metainfo, int file, long done, Func<long, SourceBytes> sources)
    {
        var entry = metainfo.Files[file];
        var isHeld = lender.Find(entry.PiecesRoot) is not null;
        var state = isHeld ? PartState.Held : done == entry.Length ? PartState.Done : done > 0 ? PartState.Running : PartState.Waiting;
        if (_told.TryGetValue(file, out var told) && (told.State is PartState.Done or PartState.Held || (told.State == state && told.Done == done)))
        {
            return;
        }
        progress.Report(_told[file] = new PartProgress(
            $"{id}/{file}", entry.RelativePath, state, entry.Length, done, isHeld ? SourceBytes.None with { Cache = done } : sources(done)));
    }
}

using Pier.BitTorrent;
using Pier.BitTorrent.Bencoding;
using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Fetch.Status;

namespace Pier.Fetch.Uris;

/// <summary>A torrent into plain files: from its swarm, or from this node when it is here already.</summary>
internal sealed class TorrentDownload(
    SharedSwarms swarms, TorrentSpecs specs, DigestDownload blobs, BlobLenders lenders, IContentStore store, FetchOptions options, TimeProvider time) : IUriHandler
{
    private const int MostTrackersShown = 5;

    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(250);

    /// <inheritdoc/>
    public bool Handles(ContentUri uri) => TorrentSpecs.IsTorrent(uri);

    /// <inheritdoc/>
    public bool CanSelect => true;

    /// <inheritdoc/>
    public async Task<Download> GetAsync(ContentUri uri, DownloadPlan plan, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        var lender = lenders.Open();
        StorageFactory storage = (metainfo, token) => FileTreeStorage.OpenAsync(
            metainfo, Path.Combine(plan.Folder, metainfo.Name), new FileTreeOptions { ResumeFile = ResumeFileIn(plan.Folder, metainfo), Lender = lender }, token);
        var isDone = false;
        try
        {
            var spec = await specs.ReadAsync(uri, storage, cancellationToken);
            spec = plan.Files == FileChoice.All ? spec : spec with { Files = plan.Files };
            var (swarm, isDownload, isNew) = await swarms.JoinAsync(spec, cancellationToken);
            try
            {
                var download = isNew
                    ? await FinishAsync(swarm, lender, progress, cancellationToken)
                    : await FromHereAsync(swarm, isDownload, spec, plan.Folder, lender, progress, cancellationToken);
                isDone = true;
                return download with { Lease = lender, Torrent = WithHints(download.Torrent, spec) };
            }
            finally
            {
                await swarms.LeaveAsync(swarm);
            }
        }
        catch (BitTorrentException failure)
        {
            throw Translate(uri, failure);
        }
        catch (Exception refused) when (refused is not ContentException and (IOException or UnauthorizedAccessException))
        {
            throw new ContentStorageException($"{TorrentSpecs.Shown(uri)}: {refused.Message}", refused);
        }
        finally
        {
            if (!isDone)
            {
                lender.Dispose();
            }
        }
    }

    /// <summary>A swarm says why it ended; whoever asked for the torrent needs to know whether another source could do better.</summary>
    internal static ContentException Translate(ContentUri uri, BitTorrentException failure)
    {
        var message = $"{TorrentSpecs.Shown(uri)}: {failure.Message}";
        return ((failure as SwarmException)?.InnerException ?? failure) switch
        {
            ContentException cause => cause,

            // It says itself that it is about a magnet link, of which nothing could be shown.
            MagnetException cause => new ContentFormatException(cause.Message, failure),
            FileChoiceException cause => new ContentNotFoundException($"{cause.Message}; 'pier torrent show' lists the files of a torrent file", failure),
            MetainfoException or BencodeException => new ContentFormatException(message, failure),
            IOException or UnauthorizedAccessException => new ContentStorageException(message, failure),
            _ => new ContentUnavailableException(message, failure),
        };
    }

    private async Task<Download> FinishAsync(Swarm swarm, BlobLender lender, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        var report = new TorrentProgress(swarm.Id, swarm.Spec.Files, lender, progress);
        await WaitAsync(swarm, report, cancellationToken);
        var metainfo = await swarm.MetadataAsync(cancellationToken);
        return Done(metainfo, swarm.Spec.Files, lender, Come, report);
    }

    /// <summary>
    /// This node takes part in the very torrent. A blob is copied from the store, or asked for as every blob is; other files are
    /// copied from where they are seeded, once they are whole.
    /// </summary>
    private async Task<Download> FromHereAsync(
        Swarm swarm, bool isDownload, SwarmSpec wanted, string folder, BlobLender lender, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        if (swarm.Spec.Metainfo is { } blob && !isDownload && await BlobAsync(swarm, blob, cancellationToken) is { } digest)
        {
            return await blobs.GetAsync(digest, origin: null, folder, progress, cancellationToken) with { Torrent = blob };
        }
        if (isDownload)
        {
            // Another download may want other files; each gets those it asked for.
            await swarm.SelectAsync(swarm.Files.With(wanted.Files), cancellationToken);
        }
        var report = new TorrentProgress(swarm.Id, wanted.Files, lender, progress);
        await WaitAsync(swarm, isDownload ? report : null, cancellationToken);
        var metainfo = await swarm.MetadataAsync(cancellationToken);
        await swarm.CopyAsync(
            wanted.Storage,
            wanted.Files,
            end => report.Running(metainfo, file => Math.Clamp(end - metainfo.Files[file].Offset, 0, metainfo.Files[file].Length), metainfo.TotalLength, end, Here),
            cancellationToken);
        return Done(metainfo, wanted.Files, lender, Here, report);
    }

    /// <summary>The blob that a torrent is of: one of the store, or one on its way there; null for a seed that merely has such a name.</summary>
    private async Task<Digest?> BlobAsync(Swarm swarm, Metainfo metainfo, CancellationToken cancellationToken) =>
        Digest.TryParse($"sha256:{metainfo.Name}", out var digest)
            && (swarm.Statistics.State != SwarmState.Seeding || await store.StatAsync(digest, cancellationToken) is not null)
            ? digest
            : null;

    /// <summary>A torrent whose swarm brings nothing for a minute is given up: the next fallback may do better.</summary>
    private async Task WaitAsync(Swarm swarm, TorrentProgress? report, CancellationToken cancellationToken)
    {
        var (seen, since) = (0L, time.GetTimestamp());
        using var tick = new PeriodicTimer(ReportEvery, time);
        while (await Task.WhenAny(swarm.Completion, tick.WaitForNextTickAsync(cancellationToken).AsTask()) != swarm.Completion)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var now = swarm.Statistics;
            if (now.Downloaded > seen || now.State == SwarmState.Opening)
            {
                (seen, since) = (now.Downloaded, time.GetTimestamp());
            }
            if (time.GetElapsedTime(since) > options.BodyPatience)
            {
                throw new ContentUnavailableException(
                    $"The swarm {swarm.Id.Primary} brought nothing for {options.BodyPatience.TotalSeconds:0} s; "
                    + $"{now.KnownPeers} peers are known, {now.Peers.Count} connected{Complaints(swarm.Trackers)}.");
            }
            if (report is not null)
            {
                await ReportAsync(swarm, now, report);
            }
        }
        await swarm.Completion;
    }

    /// <summary>What is wrong with the trackers, which may be why no peer is known.</summary>
    private static string Complaints(IReadOnlyList<TrackerStatus> trackers) => string.Concat(trackers
        .Where(tracker => tracker.Answered != true)
        .Take(MostTrackersShown)
        .Select(tracker => $"; {(tracker.Answered is null ? $"tracker {tracker.Tracker}: no answer yet" : tracker.Problem)}"));

    private static async Task ReportAsync(Swarm swarm, SwarmStatistics now, TorrentProgress report)
    {
        if (now.PieceCount == 0)
        {
            report.Waiting();
            return;
        }
        var metainfo = await swarm.MetadataAsync(CancellationToken.None);
        report.Running(metainfo, swarm.ArrivedOf, Math.Min(now.SelectedBytes, metainfo.TotalLength), now.SelectedBytes - now.MissingBytes, Come);
    }

    private static SourceBytes Come(long bytes) => SourceBytes.None with { Swarm = bytes };

    private static SourceBytes Here(long bytes) => SourceBytes.None with { Cache = bytes };

    private static Download Done(Metainfo metainfo, FileChoice choice, BlobLender lender, Func<long, SourceBytes> sources, TorrentProgress report)
    {
        DownloadedFile[] files = [.. TorrentProgress.WantedOf(metainfo, choice).Select(index => Describe(metainfo, metainfo.Files[index], lender))];
        var lent = files.Where(file => file.Blob is not null).Sum(file => file.Size);
        var split = sources(files.Sum(file => file.Size) - lent);
        split = split with { Cache = split.Cache + lent };
        report.Done(metainfo, sources, split);
        return new Download(metainfo.Name, metainfo.IsSingleFile, files, split) { Torrent = metainfo, Links = [.. LinksOf(metainfo, choice)] };
    }

    private static IEnumerable<DownloadedLink> LinksOf(Metainfo metainfo, FileChoice choice) => metainfo.Files
        .Zip(choice.Resolve(metainfo), (file, priority) => (file, priority))
        .Where(entry => entry is { priority: not FilePriority.Skip, file.SymlinkTarget: not null })
        .Select(entry => new DownloadedLink(entry.file.RelativePath, string.Join('/', entry.file.SymlinkTarget!)));

    /// <summary>What a magnet link says beside the torrent goes with it, so that it can be told whole.</summary>
    private static Metainfo? WithHints(Metainfo? metainfo, SwarmSpec spec) =>
        metainfo?.WithEnvelope(metainfo.Envelope with { TrackerTiers = spec.Trackers, WebSeeds = spec.WebSeeds, HttpSeeds = spec.HttpSeeds });

    private static string ResumeFileIn(string folder, Metainfo metainfo) => Path.Combine(folder, $".{metainfo.Id.Primary}.pier-resume");

    private static DownloadedFile Describe(Metainfo metainfo, TorrentFile file, BlobLender lender) => new(
        metainfo.IsSingleFile ? metainfo.Name : $"{metainfo.Name}/{file.RelativePath}",
        file.Length,
        file.Attributes.HasFlag(TorrentFileAttributes.Executable),
        lender.Find(file.PiecesRoot));
}

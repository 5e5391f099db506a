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
    SharedSwarms swarms, TorrentSpecs specs, DigestDownload blobs, IContentStore store, FetchOptions options, TimeProvider time) : IUriHandler
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
        StorageFactory storage = (metainfo, token) => FileTreeStorage.OpenAsync(
            metainfo, Path.Combine(plan.Folder, metainfo.Name), new FileTreeOptions { ResumeFile = ResumeFileIn(plan.Folder, metainfo) }, token);
        try
        {
            var spec = await specs.ReadAsync(uri, storage, cancellationToken);
            spec = plan.Files == FileChoice.All ? spec : spec with { Files = plan.Files };
            var (swarm, isDownload) = await swarms.JoinAsync(spec, cancellationToken);
            try
            {
                return ReferenceEquals(swarm.Spec, spec)
                    ? await FinishAsync(swarm, progress, cancellationToken)
                    : await FromHereAsync(swarm, isDownload, spec, plan.Folder, progress, cancellationToken);
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
    }

    /// <summary>A swarm says why it ended; whoever asked for the torrent needs to know whether another source could do better.</summary>
    internal static ContentException Translate(ContentUri uri, BitTorrentException failure)
    {
        var message = $"{TorrentSpecs.Shown(uri)}: {failure.Message}";
        return (failure as SwarmException)?.InnerException switch
        {
            ContentException cause => cause,
            IOException or UnauthorizedAccessException => new ContentStorageException(message, failure),
            var cause => (cause ?? failure) is MetainfoException or MagnetException or BencodeException
                ? new ContentFormatException(message, failure)
                : new ContentUnavailableException(message, failure),
        };
    }

    private async Task<Download> FinishAsync(Swarm swarm, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        await WaitAsync(swarm, progress, cancellationToken);
        var metainfo = await swarm.MetadataAsync(cancellationToken);
        return Done(metainfo, swarm.Spec.Files, bytes => SourceBytes.None with { Swarm = bytes }, progress);
    }

    /// <summary>
    /// This node takes part in the very torrent. A blob is copied from the store, or asked for as every blob is; other files are
    /// copied from where they are seeded, once they are whole.
    /// </summary>
    private async Task<Download> FromHereAsync(
        Swarm swarm, bool isDownload, SwarmSpec wanted, string folder, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        if (swarm.Spec.Metainfo is { } blob && !isDownload && await BlobAsync(swarm, blob, cancellationToken) is { } digest)
        {
            return await blobs.GetAsync(digest, origin: null, folder, progress, cancellationToken);
        }
        if (isDownload)
        {
            // Another download may want other files; each gets those it asked for.
            await swarm.SelectAsync(swarm.Files.With(wanted.Files), cancellationToken);
        }
        await WaitAsync(swarm, progress, cancellationToken);
        var metainfo = await swarm.MetadataAsync(cancellationToken);
        await swarm.CopyAsync(
            wanted.Storage, wanted.Files, done => progress.Report(Part(metainfo.Id, metainfo.Name, PartState.Running, metainfo.TotalLength, done, Here(done))), cancellationToken);
        return Done(metainfo, wanted.Files, Here, progress);
    }

    /// <summary>The blob that a torrent is of: one of the store, or one on its way there; null for a seed that merely has such a name.</summary>
    private async Task<Digest?> BlobAsync(Swarm swarm, Metainfo metainfo, CancellationToken cancellationToken) =>
        Digest.TryParse($"sha256:{metainfo.Name}", out var digest)
            && (swarm.Statistics.State != SwarmState.Seeding || await store.StatAsync(digest, cancellationToken) is not null)
            ? digest
            : null;

    /// <summary>A torrent whose swarm brings nothing for a minute is given up: the next fallback may do better.</summary>
    private async Task WaitAsync(Swarm swarm, IProgress<PartProgress> progress, CancellationToken cancellationToken)
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
            await ReportAsync(swarm, now, progress);
        }
        await swarm.Completion;
    }

    /// <summary>What is wrong with the trackers, which may be why no peer is known.</summary>
    private static string Complaints(IReadOnlyList<TrackerStatus> trackers) => string.Concat(trackers
        .Where(tracker => tracker.Answered != true)
        .Take(MostTrackersShown)
        .Select(tracker => $"; {(tracker.Answered is null ? $"tracker {tracker.Tracker}: no answer yet" : tracker.Problem)}"));

    private static async Task ReportAsync(Swarm swarm, SwarmStatistics now, IProgress<PartProgress> progress)
    {
        if (now.PieceCount == 0)
        {
            progress.Report(new PartProgress(swarm.Id.ToString(), swarm.Id.Primary.ToString(), PartState.Waiting, 0, 0, SourceBytes.None));
            return;
        }
        var metainfo = await swarm.MetadataAsync(CancellationToken.None);
        var total = Math.Min(now.SelectedBytes, metainfo.TotalLength);
        var done = Math.Min(now.SelectedBytes - now.MissingBytes, total);
        progress.Report(Part(metainfo.Id, metainfo.Name, PartState.Running, total, done, SourceBytes.None with { Swarm = done }));
    }

    private static SourceBytes Here(long bytes) => SourceBytes.None with { Cache = bytes };

    /// <summary>Pieces cover padding and gaps as well: more than all is all.</summary>
    private static PartProgress Part(TorrentId id, string name, PartState state, long total, long done, SourceBytes sources) => new(
        id.ToString(), name, state, total, Math.Min(done, total), sources);

    private static Download Done(Metainfo metainfo, FileChoice choice, Func<long, SourceBytes> sources, IProgress<PartProgress> progress)
    {
        var files = FilesOf(metainfo, choice.Resolve(metainfo));
        var total = files.Sum(file => file.Size);
        progress.Report(Part(metainfo.Id, metainfo.Name, PartState.Done, total, total, sources(total)));
        return new Download(metainfo.Name, metainfo.IsSingleFile, files, sources(total));
    }

    private static string ResumeFileIn(string folder, Metainfo metainfo) => Path.Combine(folder, $".{metainfo.Id.Primary}.pier-resume");

    private static DownloadedFile[] FilesOf(Metainfo metainfo, IReadOnlyList<FilePriority> wanted) =>
    [
        .. metainfo.Files
            .Where((file, index) => !file.IsPadding && file.SymlinkTarget is null && wanted[index] != FilePriority.Skip)
            .Select(file => new DownloadedFile(
                metainfo.IsSingleFile ? metainfo.Name : $"{metainfo.Name}/{file.RelativePath}",
                file.Length,
                file.Attributes.HasFlag(TorrentFileAttributes.Executable))),
    ];
}

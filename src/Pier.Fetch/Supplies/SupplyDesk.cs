using Microsoft.Extensions.Hosting;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Uris;

namespace Pier.Fetch.Supplies;

/// <summary>
/// The node's side of <c>PIER</c>: one fetch per request however many builds ask, its outcome remembered for ever. Content that
/// its name proves is never asked for again; of the rest, a build's first question looks whether it has changed.
/// </summary>
internal sealed class SupplyDesk : IContentSupply, IHostedService, IDisposable
{
    private const int MostJobs = 64;
    private const int MostEnded = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, SupplyJob> _jobs = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly SupplyRecords _records;
    private readonly SupplyValidators _validators;
    private readonly SupplyMaker _maker;
    private readonly SupplyAccess _access;
    private readonly IContentFetcher _contents;
    private readonly IContentStore _store;
    private readonly string _folder;
    private readonly TimeProvider _time;

    public SupplyDesk(
        SupplyRecords records, SupplyValidators validators, SupplyMaker maker, SupplyAccess access, IContentFetcher contents, IContentStore store, FetchOptions options, TimeProvider time)
    {
        _records = records;
        _validators = validators;
        _maker = maker;
        _access = access;
        _contents = contents;
        _store = store;
        _folder = Path.Combine(options.SupplyFolder, "arriving");
        _time = time;
    }

    /// <inheritdoc/>
    public async Task<SupplyStatus> ResolveAsync(SupplyRequest request, bool isFirst, TimeSpan patience, CancellationToken cancellationToken)
    {
        var (key, isMutable) = (SupplyRecords.KeyOf(request), SupplyValidators.IsMutable(request));
        if (!isMutable && _records.Find(key) is { } record && record.ToBlob() is { } known && await HasTorrentAsync(known, request, cancellationToken))
        {
            await _access.RefusePrivateAsync(request, record, cancellationToken);
            return new SupplyStatus(IsMutable: false) { Blob = known };
        }

        var job = Join(key, request, isMutable, again: isFirst);
        await job.WaitAsync(patience, _time, cancellationToken);
        if (request.WithTorrent && job.Status.Blob is { Torrent: null })
        {
            // It was fetched a moment ago for somebody who did not want to serve it.
            job = Join(key, request, isMutable, again: true);
            await job.WaitAsync(patience, _time, cancellationToken);
        }

        return job.Status;
    }

    /// <inheritdoc/>
    public async Task<IContentReader> OpenAsync(Digest digest, SupplyRequest request, CancellationToken cancellationToken)
    {
        _access.RefuseHidden(request);
        if (request.Uris.OfType<DigestUri>().Any(uri => uri.Digest == digest)
            && (request.Uris.Count == 1 || await _store.StatAsync(digest, cancellationToken) is not null))
        {
            return await OpenAloneAsync(digest, request, cancellationToken);
        }

        // A digest alone opens nothing: what this request brings is given, and nothing else that happens to be here.
        var key = SupplyRecords.KeyOf(request);
        if (_records.Find(key) is { } record && Is(record.ToBlob(), digest) && await _store.StatAsync(digest, cancellationToken) is not null)
        {
            return await OpenHeldAsync(digest, request, record, cancellationToken);
        }

        // A checksum in the Dockerfile and an empty cache, or a blob that was evicted: nothing was asked before.
        var job = Join(key, request, SupplyValidators.IsMutable(request), again: true);
        var blob = await job.End.WaitAsync(cancellationToken);
        return Is(blob, digest)
            ? await OpenHeldAsync(digest, request, _records.Find(key), cancellationToken)
            : throw new ContentMismatchException($"The sources bring {blob.Digest}, not {digest}.");
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // What an earlier run left half done; torrents begin again, their pieces are found in the swarm.
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        Task[] running;
        lock (_gate)
        {
            running = [.. _jobs.Values.Select(job => job.End)];
        }

        await Task.WhenAll(running).ContinueWith(static _ => { }, cancellationToken, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private static bool Is(SuppliedBlob? blob, Digest digest) => blob is not null && (blob.Digest == digest || blob.Torrent == digest || blob.Archive == digest);

    private async ValueTask<bool> HasTorrentAsync(SuppliedBlob blob, SupplyRequest request, CancellationToken cancellationToken) =>
        !request.WithTorrent || (blob.Torrent is { } torrent && await _store.StatAsync(torrent, cancellationToken) is not null);

    private async Task<IContentReader> OpenAloneAsync(Digest digest, SupplyRequest request, CancellationToken cancellationToken)
    {
        var reader = await _contents.OpenAsync(new BlobRequest(digest), cancellationToken);
        try
        {
            // It may be arriving for somebody else; only now is it known which repository it belongs to.
            _access.RefuseHidden(digest);
            return new JudgedReader(reader, () => _access.RefuseHidden(digest));
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
    }

    private async Task<IContentReader> OpenHeldAsync(Digest digest, SupplyRequest request, SupplyRecord? record, CancellationToken cancellationToken)
    {
        // Only now: whether a repository is public is not known before it has been asked.
        if (record is not null)
        {
            await _access.RefusePrivateAsync(request, record, cancellationToken);
        }
        else
        {
            _access.RefusePrivate(request);
        }

        return await _store.OpenAsync(digest, cancellationToken) ?? throw new ContentUnavailableException($"{digest} left the store before it could be read. Try again.");
    }

    /// <summary>The running job of a request, the one that ended last unless it is to be looked at again, or a new one.</summary>
    private SupplyJob Join(string key, SupplyRequest request, bool isMutable, bool again)
    {
        lock (_gate)
        {
            if (_jobs.TryGetValue(key, out var job) && (!job.End.IsCompleted || !again))
            {
                return job;
            }

            if (_jobs.Values.Count(running => !running.End.IsCompleted) >= MostJobs)
            {
                throw new ContentUnavailableException($"This node fetches {MostJobs} things for builds already. Try again.");
            }

            if (_jobs.Count >= MostEnded)
            {
                foreach (var (ended, _) in _jobs.Where(entry => entry.Value.End.IsCompleted).ToList())
                {
                    _jobs.Remove(ended);
                }
            }

            // One after the other: two downloads of one torrent would share its place on disk, and the first to end removes it.
            var uris = SupplyRecords.KeyOf(request with { Includes = [], Plain = false });
            Task[] before = [.. _jobs.Values.Where(running => running.Uris == uris).Select(running => running.End)];
            var progress = new SupplyProgress(_time);
            return _jobs[key] = new SupplyJob(uris, progress, Task.Run(() => RunAfterAsync(before, key, request, isMutable, progress)), isMutable);
        }
    }

    private async Task<SuppliedBlob> RunAfterAsync(Task[] before, string key, SupplyRequest request, bool isMutable, SupplyProgress progress)
    {
        foreach (var other in before)
        {
            await Task.WhenAny(other);
        }

        return await RunAsync(key, request, isMutable, progress);
    }

    private async Task<SuppliedBlob> RunAsync(string key, SupplyRequest request, bool isMutable, SupplyProgress progress)
    {
        var cancellationToken = _stopping.Token;
        var known = _records.Find(key);
        string? validator = null;
        if (isMutable)
        {
            try
            {
                validator = await _validators.ReadAsync(request, cancellationToken);
            }
            catch (ContentUnavailableException) when (known?.ToBlob() is not null)
            {
                // As with tags: while nobody can be asked, the last known answer stands.
                validator = known.Validator;
            }
        }

        if (known?.ToBlob() is { } before && await _store.StatAsync(before.Digest, cancellationToken) is not null && (!isMutable || (validator is not null && validator == known.Validator))
            && await HasTorrentAsync(before, request, cancellationToken))
        {
            return before;
        }

        if (request.Plain && await FindArchiveAsync(request, isMutable, validator, cancellationToken) is { } archive)
        {
            var plain = await _maker.PlainAsync(archive.ToBlob()! with { InfoHashes = [], Outline = null }, request, cancellationToken);
            _records.Put(key, SupplyRecord.Of(request, plain, validator, archive.Source));
            return plain;
        }

        var made = await _maker.MakeAsync(request, Path.Combine(_folder, key), progress, cancellationToken);
        _records.Put(key, SupplyRecord.Of(request, made.Blob, validator, made.Source.Text));
        return made.Blob;
    }

    /// <summary>What an earlier build had as it is and nobody needs to fetch again to unpack it.</summary>
    private async Task<SupplyRecord?> FindArchiveAsync(SupplyRequest request, bool isMutable, string? validator, CancellationToken cancellationToken) =>
        _records.Find(SupplyRecords.KeyOf(request with { Plain = false })) is { } record
            && record.ToBlob() is { IsTree: false } blob
            && (!isMutable || (validator is not null && validator == record.Validator))
            && await _store.StatAsync(blob.Digest, cancellationToken) is not null
            && await HasTorrentAsync(blob, request, cancellationToken)
                ? record
                : null;
}

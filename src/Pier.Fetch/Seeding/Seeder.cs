using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Fetch.Delivery;
using Pier.Fetch.Policy;
using Pier.Fetch.Sources.Swarms;
using Pier.Membership;
using Pier.Membership.Holdings;
using Pier.Store.Swarms;

namespace Pier.Fetch.Seeding;

/// <summary>
/// Step 8 (design §3): gives each sealed public blob its swarm record and seeds it until it is gone. Records are
/// computed one at a time; those of earlier runs are seeded again at start without hashing anything.
/// </summary>
internal sealed class Seeder : ISealedBlobs, ITorrentNotes, IAsyncDisposable
{
    private const int MostQueued = 16_384;
    private const int MostNoted = 256;

    // Less than what a member waits for an answer before it goes upstream.
    private static readonly TimeSpan SealPatience = TimeSpan.FromMilliseconds(150);

    private readonly IContentStore _store;
    private readonly SwarmRecords _records;
    private readonly TorrentMaker _maker;
    private readonly IAccessPolicy _policy;
    private readonly IMembership _membership;
    private readonly IHoldings _holdings;
    private readonly FetchOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<Seeder> _log;
    private readonly RestingSeeds _seeds;
    private readonly ConcurrentDictionary<Digest, Metainfo> _noted = new();
    private readonly ConcurrentDictionary<Digest, ArrivedBlob> _arrived = new();
    private readonly Channel<Digest> _urgent = Queue(256);
    private readonly Channel<Digest> _calm = Queue(MostQueued);
    private readonly CancellationTokenSource _stop = new();
    private Task _loops = Task.CompletedTask;

    public Seeder(
        IContentStore store, SwarmRecords records, BitTorrentEngine engine, IAccessPolicy policy, RendezvousNames names, IMembership membership, IHoldings holdings, FetchOptions options, TimeProvider time, ILogger<Seeder> log)
    {
        _store = store;
        _records = records;
        _maker = new TorrentMaker(store, records);
        _seeds = new RestingSeeds(store, _maker, engine, policy, names, options, log);
        _policy = policy;
        _membership = membership;
        _holdings = holdings;
        _options = options;
        _time = time;
        _log = log;
    }

    /// <summary>Blobs that are being seeded.</summary>
    public int Count => _seeds.Count;

    /// <summary>Seeds what earlier runs left, queues what they did not finish, and goes on in the background.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await foreach (var blob in _store.ListAsync(cancellationToken))
        {
            if (!await IsForSwarmsAsync(blob, cancellationToken))
            {
                continue;
            }
            if (_maker.Find(blob.Sha256) is { } known)
            {
                await _seeds.PutAsync(known, isNew: false);
            }
            else
            {
                _calm.Writer.TryWrite(blob.Sha256);
            }
        }
        await LookOverAsync(cancellationToken);
        LogMessages.SeedingResumed(_log, _seeds.Count);
        _loops = Task.WhenAll(
            Task.Run(HashAsync, CancellationToken.None), Task.Run(SweepAsync, CancellationToken.None), Task.Run(RenameAsync, CancellationToken.None));
    }

    /// <inheritdoc/>
    public void Add(BlobInfo blob, BlobFetch fetch)
    {
        _holdings.Add(blob.Sha256);
        // Only a swarm that brought every byte has been proved by the seal.
        if (fetch.Sources.Swarm != blob.Size)
        {
            _noted.TryRemove(blob.Sha256, out _);
        }
        if (blob.Size < _options.SmallBlob)
        {
            return;
        }
        // Most of it is hashed already; members that ask within the next moments wait for the rest.
        var isUrgent = !_arrived.ContainsKey(blob.Sha256) && fetch.Torrent.Take() is { } torrent && _arrived.TryAdd(blob.Sha256, new ArrivedBlob(torrent));
        if (!(isUrgent && _urgent.Writer.TryWrite(blob.Sha256)))
        {
            Offer(blob);
        }
    }

    /// <summary>Queues a sealed blob that came by another way than a fetch.</summary>
    public void Offer(BlobInfo blob)
    {
        _holdings.Add(blob.Sha256);
        if (blob.Size >= _options.SmallBlob && !_calm.Writer.TryWrite(blob.Sha256))
        {
            LogMessages.SeedQueueFull(_log, blob.Digest);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The member's word that the blob may travel in swarms is kept with it.</remarks>
    public async ValueTask NoteAsync(Digest digest, Metainfo metainfo, CancellationToken cancellationToken)
    {
        if (_noted.Count < MostNoted)
        {
            _noted[digest] = metainfo;
        }
        await _policy.RecordAsync(AccessRecords.Vouched, isPublic: true, [digest], cancellationToken);
    }

    /// <summary>The record of a held blob when it may travel in swarms; a missing one is computed next.</summary>
    public async ValueTask<SwarmRecord?> FindAsync(BlobInfo held, CancellationToken cancellationToken)
    {
        if (!await IsForSwarmsAsync(held, cancellationToken))
        {
            return null;
        }
        if (_seeds.Find(held.Sha256) is { } record)
        {
            return record;
        }
        if (_arrived.TryGetValue(held.Sha256, out var arrived))
        {
            await Task.WhenAny(arrived.Seeded, Task.Delay(SealPatience, _time, cancellationToken));
            return _seeds.Find(held.Sha256);
        }
        // Until then its bytes go over the node port.
        _urgent.Writer.TryWrite(held.Sha256);
        return null;
    }

    /// <summary>Stops seeding a blob and forgets its record; for blobs that were removed.</summary>
    public async Task ForgetAsync(Digest sha256)
    {
        _holdings.Remove(sha256);
        await _seeds.RemoveAsync(sha256);
        _records.Remove(sha256);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await _stop.CancelAsync();
            await _loops;
            _stop.Dispose();
        }
    }

    private static Channel<Digest> Queue(int capacity) => Channel.CreateBounded<Digest>(
        new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.Wait });

    private async ValueTask<bool> IsForSwarmsAsync(BlobInfo blob, CancellationToken cancellationToken) =>
        blob.Size >= _options.SmallBlob
        && await _policy.MayServeAsync(blob.Sha256, under: null, Door.Swarm, cancellationToken);

    private async Task HashAsync()
    {
        try
        {
            while (true)
            {
                var urgent = _urgent.Reader.TryRead(out var digest);
                if (urgent || _calm.Reader.TryRead(out digest))
                {
                    await SeedNextAsync(digest, urgent ? Environment.ProcessorCount : 1);
                    continue;
                }
                await Task.WhenAny(
                    _urgent.Reader.WaitToReadAsync(_stop.Token).AsTask(), _calm.Reader.WaitToReadAsync(_stop.Token).AsTask());
                _stop.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The node is stopping; what is queued is found again at the next start.
        }
    }

    private async Task SeedNextAsync(Digest sha256, int workers)
    {
        try
        {
            if (await _store.StatAsync(sha256, _stop.Token) is not { } held || !await IsForSwarmsAsync(held, _stop.Token))
            {
                return;
            }
            if (_noted.TryRemove(sha256, out var noted))
            {
                await _seeds.PutAsync(TorrentMaker.RecordOf(sha256, held.Size, noted), isNew: true, noted);
            }
            var known = _arrived.TryGetValue(sha256, out var arrived) ? await arrived.Torrent.StopAsync() : null;
            if (await _maker.MakeAsync(sha256, workers, known, _stop.Token) is { } record)
            {
                await _seeds.PutAsync(record, isNew: true);
            }
        }
        catch (Exception failure) when (failure is ContentException or BitTorrentException or IOException)
        {
            LogMessages.SeedFailed(_log, sha256, failure.Message);
        }
        finally
        {
            if (_arrived.TryRemove(sha256, out var done))
            {
                done.End();
                await done.Torrent.DisposeAsync();
            }
        }
    }

    /// <summary>The node founds or joins a cluster after its seeds were started: they are met under the cluster's ids from then on.</summary>
    private async Task RenameAsync()
    {
        try
        {
            var key = _membership.SwarmKey.ToArray();
            await foreach (var _ in _membership.WatchAsync(_stop.Token))
            {
                if (!_membership.SwarmKey.Span.SequenceEqual(key))
                {
                    key = _membership.SwarmKey.ToArray();
                    await _seeds.RenameAsync();
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The node is stopping.
        }
    }

    /// <summary>Looks the store over once a minute.</summary>
    private async Task SweepAsync()
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMinutes(1), _time);
        try
        {
            while (await tick.WaitForNextTickAsync(_stop.Token))
            {
                await LookOverAsync(_stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The node is stopping.
        }
    }

    /// <summary>Blobs also come by imports and go by hand: what the members are told follows the store, and so do the seeds.</summary>
    private async Task LookOverAsync(CancellationToken cancellationToken)
    {
        var held = new HashSet<Digest>();
        await _holdings.ReplaceAsync(async () =>
        {
            await foreach (var blob in _store.ListAsync(cancellationToken))
            {
                held.Add(blob.Sha256);
            }
            return held;
        });
        foreach (var digest in _seeds.All.Where(digest => !held.Contains(digest)))
        {
            // It may have come during the look.
            if (await _store.StatAsync(digest, cancellationToken) is null)
            {
                await ForgetAsync(digest);
            }
        }
    }
}

using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Resting;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Fetch.Policy;
using Pier.Store.Swarms;

namespace Pier.Fetch.Seeding;

/// <summary>
/// Sealed blobs in the hands of the engine, as torrents that rest until a peer comes: metainfo is read from disk then, and the
/// blob opened. Public ones are announced under their one rendezvous id.
/// </summary>
internal sealed class RestingSeeds(
    IContentStore store, TorrentMaker maker, BitTorrentEngine engine, IAccessPolicy policy, RendezvousNames names, FetchOptions options, ILogger log)
{
    private readonly ConcurrentDictionary<Digest, SwarmRecord> _records = new();

    /// <summary>Blobs that are seeded.</summary>
    public int Count => _records.Count;

    /// <summary>The blobs that are seeded.</summary>
    public IEnumerable<Digest> All => _records.Select(seed => seed.Key);

    /// <summary>The names under which a blob is seeded; null when it is not.</summary>
    public SwarmRecord? Find(Digest sha256) => _records.GetValueOrDefault(sha256);

    /// <summary>Seeds a blob from now on, in place of what was told of it before.</summary>
    /// <param name="record">Its names.</param>
    /// <param name="isNew">Whether it was sealed just now.</param>
    /// <param name="metainfo">Its torrent, when that is not on disk yet.</param>
    public async Task PutAsync(SwarmRecord record, bool isNew, Metainfo? metainfo = null)
    {
        var id = IdOf(record);
        if (_records.TryGetValue(record.Digest, out var before) && IdOf(before) != id)
        {
            await ForgetAsync(IdOf(before));
        }
        _records[record.Digest] = record;
        var isPublic = names.ScopeOf(record.Digest) == AnnounceScope.Public;
        engine.Rest(new RestingTorrent
        {
            Id = id,
            Name = record.Digest.Hex,
            Length = record.Size,
            WireHashes = [.. id.WireHashes, .. record.Twin is { } twin ? [InfoHash.Parse(twin)] : (InfoHash[])[], .. names.All(record.Digest)],
            Wake = token => WakeAsync(record.Digest, metainfo, token),
            AnnouncedAs = names.Public(record.Digest),
            Trackers = isPublic ? options.Trackers : [],
            Discovery = isPublic ? options.Discovery : PeerDiscovery.None,
            IsNew = isNew,
        });
    }

    /// <summary>The ids under which blobs are met have changed: a swarm that is awake meets its peers anew under them.</summary>
    public async Task RenameAsync()
    {
        foreach (var (_, record) in _records)
        {
            await PutAsync(record, isNew: false);
            if (engine.Find(IdOf(record)) is { Spec.Twin: not null } awake)
            {
                await engine.RemoveAsync(awake);
            }
        }
    }

    /// <summary>Seeds a blob no more.</summary>
    public Task RemoveAsync(Digest sha256) =>
        _records.TryRemove(sha256, out var record) ? ForgetAsync(IdOf(record)) : Task.CompletedTask;

    private static TorrentId IdOf(SwarmRecord record) => new(InfoHash.Parse(record.V1), InfoHashV2.Parse(record.V2));

    private async Task ForgetAsync(TorrentId id)
    {
        engine.Forget(id);
        if (engine.Find(id) is { Spec.Twin: not null } awake)
        {
            await engine.RemoveAsync(awake);
        }
    }

    private async ValueTask<SwarmSpec?> WakeAsync(Digest sha256, Metainfo? inMemory, CancellationToken cancellationToken)
    {
        try
        {
            if (await store.StatAsync(sha256, cancellationToken) is not { } held
                || !await policy.MayServeAsync(sha256, under: null, Door.Swarm, cancellationToken)
                || (inMemory ?? maker.Read(sha256)) is not { } metainfo)
            {
                return null;
            }
            var storage = new SealedTorrentStorage(store, sha256, held.Size);
            return SwarmSpec.For(metainfo, (_, _) => ValueTask.FromResult<ITorrentStorage>(storage)) with
            {
                // aria2 and Transmission 3 cannot read hybrids: the same pieces under a v1 name of their own.
                Twin = V1Twin.Of(metainfo),
                RendezvousIds = names.All(sha256),
                // Trackers and DHT hear of it under one name, awake or not.
                AnnouncedAs = [],
                Discovery = names.ScopeOf(sha256) == AnnounceScope.Public ? options.Discovery & PeerDiscovery.Pex : PeerDiscovery.None,
            };
        }
        catch (ContentException failure)
        {
            LogMessages.SeedFailed(log, sha256, failure.Message);
            return null;
        }
    }
}

using System.Collections.Concurrent;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Fetch.Seeding;
using Pier.Store.Swarms;

namespace Pier.Fetch.Uris;

/// <summary>
/// Lends public blobs of the store to a torrent that has them among its files: a blob's own torrent tells the root of its hash
/// tree. What was lent stays in the store until this is disposed of.
/// </summary>
internal sealed class BlobLender(IContentStore store, SwarmRecords records, IAccessPolicy policy) : IFileLender, IDisposable
{
    private readonly TorrentMaker _torrents = new(store, records);
    private readonly ConcurrentDictionary<MerkleRoot, Digest> _lent = new();
    private readonly ConcurrentBag<IDisposable> _leases = [];
    private readonly Lazy<ILookup<long, Digest>> _bySize = new(() => records.All.ToLookup(record => record.Size, record => record.Digest));

    /// <summary>The blob that was lent as the file with this root; null when none was.</summary>
    public Digest? Find(MerkleRoot? root) => root is { } known && _lent.TryGetValue(known, out var digest) ? digest : null;

    /// <inheritdoc/>
    public async ValueTask<ILentFile?> LendAsync(MerkleRoot root, long length, CancellationToken cancellationToken)
    {
        foreach (var digest in _bySize.Value[length])
        {
            if (_torrents.Read(digest)?.Files is not [{ PiecesRoot: { } known }] || known != root)
            {
                continue;
            }
            var lease = store.Lease([digest]);
            // Peers of the torrent will be served from it.
            if (await store.StatAsync(digest, cancellationToken) is { } held && held.Size == length
                && await policy.MayServeAsync(digest, under: null, Door.Swarm, cancellationToken))
            {
                _leases.Add(lease);
                _lent[root] = digest;
                return new SealedTorrentStorage(store, digest, length);
            }
            lease.Dispose();
        }
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var lease in _leases)
        {
            lease.Dispose();
        }
    }
}

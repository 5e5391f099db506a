using Pier.BitTorrent;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trees;
using Pier.Content.Contracts;

namespace Pier.Fetch.Trees;

/// <summary>One open tree of a torrent.</summary>
internal sealed class ArrivingTorrent(
    TorrentTrees owner, Swarm swarm, Metainfo metainfo, TorrentTree tree, string folder, string source) : IArrivingTree
{
    private readonly long _nodes = tree.Count;
    private int _isClosed;

    /// <inheritdoc/>
    public IContentTree Tree => tree;

    /// <inheritdoc/>
    public string? Folder => Volatile.Read(ref _isClosed) != 0 && owner.Uses(swarm, folder) ? null : folder;

    /// <inheritdoc/>
    public TreeArrival Arrival
    {
        get
        {
            var now = swarm.Statistics;
            var here = now.PieceCount > 0 && now.PiecesHave == now.PieceCount
                ? metainfo.TotalLength
                : Math.Min((long)now.PiecesHave * metainfo.PieceLength, metainfo.TotalLength);
            return new TreeArrival(metainfo.TotalLength, _nodes, here, now.Peers.Count, source);
        }
    }

    /// <inheritdoc/>
    public async Task WantAsync(string? pattern, CancellationToken cancellationToken)
    {
        try
        {
            var files = pattern is null ? FileChoice.All : FileChoice.Of([FilePattern.Parse(pattern)], []);
            // Before the choice is kept: one that names nothing must not spoil later ones.
            files.Resolve(metainfo);
            await owner.WantAsync(swarm, files, cancellationToken);
        }
        catch (FileChoiceException refused)
        {
            throw new ContentNotFoundException($"{refused.Message}.", refused);
        }
        catch (BitTorrentException failure)
        {
            throw new ContentUnavailableException($"{source}: {failure.Message}", failure);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            await owner.LeaveAsync(swarm);
        }
    }
}

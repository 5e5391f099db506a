using System.Net;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms.Blocks;
using Pier.BitTorrent.Torrents;
using Pier.Content;

namespace Pier.BitTorrent.Swarms;

/// <summary>Something that happened to a swarm, for its loop to apply.</summary>
internal abstract record SwarmEvent
{
    /// <summary>Lets go of what the event carries: the swarm has ended before it could be applied.</summary>
    public virtual ValueTask DropAsync() => ValueTask.CompletedTask;

    /// <summary>About a second has passed.</summary>
    internal sealed record Tick : SwarmEvent;

    /// <summary>Addresses of peers were found.</summary>
    internal sealed record PeersFound(IReadOnlyList<IPEndPoint> EndPoints, PeerSource Source) : SwarmEvent;

    /// <summary>A connection could not be made or shaken hands on. It may be one that is not worth another try.</summary>
    internal sealed record DialFailed(IPEndPoint EndPoint, bool IsHopeless) : SwarmEvent;

    /// <summary>Hands are shaken; the connection waits for nothing but its first messages.</summary>
    internal sealed record LinkOpened(IPeerLink Link) : SwarmEvent;

    /// <summary>A connection ended.</summary>
    internal sealed record LinkClosed(IPeerLink Link, Exception? Cause) : SwarmEvent;

    /// <summary>A peer did these things, in this order. Whoever has applied it gives it back to its lender.</summary>
    internal sealed record PeerReport(IPeerLink Link, List<PeerFact> Facts, PeerReports Lender) : SwarmEvent;

    /// <summary>The info dictionary that peers sent was checked: the torrent, or null when it was not what its id says.</summary>
    internal sealed record MetadataChecked(Metainfo? Metainfo, IReadOnlyList<PeerOrigin> Contributors) : SwarmEvent;

    /// <summary>The storage is open and has told what it holds.</summary>
    internal sealed record StorageOpened(Metainfo Metainfo, ITorrentStorage Storage) : SwarmEvent
    {
        /// <summary>How much each file is wanted, as the storage knows; null when all are alike.</summary>
        public IReadOnlyList<FilePriority>? Files { get; init; }

        /// <inheritdoc/>
        public override ValueTask DropAsync() => Storage.DisposeAsync();
    }

    /// <summary>Other files are to be wanted.</summary>
    internal sealed record FilesChosen(FileChoice Choice, TaskCompletionSource Done) : SwarmEvent
    {
        /// <summary>Tells whoever waits that it will not be.</summary>
        public void Refuse() => Done.TrySetException(new SwarmException("the torrent was removed"));

        /// <inheritdoc/>
        public override ValueTask DropAsync()
        {
            Refuse();
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>The storage knows of another choice.</summary>
    internal sealed record FilesSelected(IReadOnlyList<FilePriority> Files, TaskCompletionSource Done) : SwarmEvent
    {
        /// <inheritdoc/>
        public override ValueTask DropAsync()
        {
            Done.TrySetException(new SwarmException("the torrent was removed"));
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>A complete piece was checked. Whoever has applied it gives it back to its lender, if it has one.</summary>
    internal sealed record PieceChecked(PieceChecker? Lender = null) : SwarmEvent
    {
        /// <summary>What became of it.</summary>
        public PieceOutcome Outcome { get; set; }

        /// <summary>Gives the piece's memory back.</summary>
        public override ValueTask DropAsync()
        {
            Outcome.Buffer.Recycle();
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Pieces came into the storage by another way and were checked there.</summary>
    internal sealed record PiecesStored(IReadOnlyList<int> Pieces) : SwarmEvent;

    /// <summary>A range came into the storage by another way.</summary>
    internal sealed record RangeStored(ByteRange Range) : SwarmEvent;

    /// <summary>The storage has been told that it is complete.</summary>
    internal sealed record Completed : SwarmEvent;

    /// <summary>Readers want other pieces.</summary>
    internal sealed record WindowsChanged : SwarmEvent;

    /// <summary>A reader wants some blocks by themselves.</summary>
    internal sealed record BlocksWanted(BlockSpan Blocks) : SwarmEvent;

    /// <summary>The swarm cannot go on.</summary>
    internal sealed record Broken(Exception Cause) : SwarmEvent;

    /// <summary>The swarm is to end.</summary>
    internal sealed record Stop : SwarmEvent;
}

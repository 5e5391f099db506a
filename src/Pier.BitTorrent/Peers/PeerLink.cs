using System.Net;
using Pier.BitTorrent.Encryption;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Peers;

/// <summary>
/// One connection after its handshakes: two loops that do its I/O, and the doors through which the swarm uses it. Nothing here
/// decides; what the peer does becomes facts for the swarm.
/// </summary>
internal sealed class PeerLink : IPeerLink, IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PeerReceiver _receiver;
    private readonly PeerSender _sender;
    private Exception? _cause;
    private volatile bool _isBroken;

    /// <param name="stream">The connection; disposed with the link.</param>
    /// <param name="endPoint">The other side's address.</param>
    /// <param name="isOutgoing">Whether we connected.</param>
    /// <param name="remote">The other side's handshake.</param>
    /// <param name="owner">The swarm.</param>
    /// <param name="isWebSeed">Whether a web server stands behind it.</param>
    public PeerLink(Stream stream, IPEndPoint endPoint, bool isOutgoing, Handshake remote, ILinkOwner owner, bool isWebSeed = false)
    {
        _stream = stream;
        EndPoint = endPoint;
        IsOutgoing = isOutgoing;
        Remote = remote;
        Origin = new PeerOrigin(endPoint, remote.PeerId, isWebSeed);
        Outbox = new PeerOutbox(owner.Options.MaxQueuedRequests);
        Class = owner.ClassOf(endPoint.Address);
        ConnectedAt = LastReceived = LastSent = owner.Time.GetTimestamp();
        _receiver = new PeerReceiver(this, stream, owner);
        _sender = new PeerSender(this, stream, owner);
    }

    /// <summary>The other side's address.</summary>
    public IPEndPoint EndPoint { get; }

    /// <inheritdoc/>
    public PeerClass Class { get; }

    /// <inheritdoc/>
    public PeerSession? Session { get; set; }

    /// <summary>Whether we connected.</summary>
    public bool IsOutgoing { get; }

    /// <summary>The other side's handshake.</summary>
    public Handshake Remote { get; }

    /// <summary>Whether it speaks the fast extension (BEP 6), as we do.</summary>
    public bool IsFast => Remote.Reserved.HasFlag(ReservedBits.Fast);

    /// <inheritdoc/>
    public bool IsEncrypted => _stream is EncryptedStream;

    /// <summary>Who its blocks are remembered by.</summary>
    public PeerOrigin Origin { get; }

    /// <summary>What is to be sent.</summary>
    public PeerOutbox Outbox { get; }

    IPeerOutbox IPeerLink.Outbox => Outbox;

    /// <summary>What it is asked for.</summary>
    public RequestTable Requests { get; } = new();

    /// <summary>Its numbers for extended messages (BEP 10), none until it said so.</summary>
    public ExtensionIds Ids { get; set; }

    /// <summary>When the handshakes were done.</summary>
    public long ConnectedAt { get; }

    /// <summary>When a whole message last came: a peer that drips bytes is as good as silent.</summary>
    public long LastReceived { get; set; }

    /// <summary>When bytes last went.</summary>
    public long LastSent { get; set; }

    /// <summary>Bytes of blocks that came.</summary>
    public long Downloaded { get; set; }

    /// <summary>Bytes of blocks that went.</summary>
    public long Uploaded { get; set; }

    /// <summary>Bytes of blocks that came twice.</summary>
    public long Duplicate { get; set; }

    /// <summary>Bytes of blocks that came unasked, or after they had been cancelled.</summary>
    public long Unrequested { get; set; }

    /// <summary>Whether it ended because the peer broke the protocol.</summary>
    public bool IsBroken => _isBroken;

    /// <summary>Runs the connection to its end.</summary>
    /// <returns>Why it ended; null when the other side closed it in order.</returns>
    public async Task<Exception?> RunAsync(CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var receiving = GuardAsync(_receiver.RunAsync(linked.Token));
        var sending = GuardAsync(_sender.RunAsync(linked.Token));
        await Task.WhenAny(receiving, sending, _closing.Task);
        await linked.CancelAsync();
        await _stream.DisposeAsync();
        await Task.WhenAll(receiving, sending);
        return _cause;
    }

    /// <summary>Whether it is being closed.</summary>
    public bool IsClosing => _closing.Task.IsCompleted;

    /// <summary>Closes the connection, because the peer broke the protocol.</summary>
    public void Break(WireException violation)
    {
        _isBroken = true;
        Close(violation.Message);
    }

    /// <summary>Closes the connection.</summary>
    /// <param name="reason">Why; what <see cref="RunAsync"/> returns unless the connection failed before.</param>
    public void Close(string reason)
    {
        Interlocked.CompareExchange(ref _cause, new WireException(reason), null);
        _closing.TrySetResult();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task GuardAsync(Task loop)
    {
        try
        {
            await loop;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // The first failure is the reason; the second mostly follows from the closed stream. But who breaks the protocol and hangs
            // up in the same breath may be noticed to be gone before he is heard.
            Interlocked.CompareExchange(ref _cause, failure, null);
            if (failure is WireException)
            {
                _isBroken = true;
            }
        }
    }
}

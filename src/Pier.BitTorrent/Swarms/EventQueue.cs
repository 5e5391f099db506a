using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Pier.BitTorrent.Peers;

namespace Pier.BitTorrent.Swarms;

/// <summary>
/// A swarm's bounded queue of events. Who posts one while the loop waits may lend it his thread: what he has just read is in that
/// processor's cache, and no other thread has to be woken and to wait for its turn.
/// </summary>
internal sealed class EventQueue
{
    private const int MaxQueued = 1024;

    private readonly Channel<SwarmEvent> _events = Channel.CreateBounded<SwarmEvent>(
        new BoundedChannelOptions(MaxQueued) { SingleReader = true });

    private readonly WakeSignal _posted = new();

    /// <summary>Queues an event; false when the queue is full or closed.</summary>
    public bool TryPost(SwarmEvent happened)
    {
        var isQueued = _events.Writer.TryWrite(happened);
        if (isQueued)
        {
            _posted.Set();
        }

        return isQueued;
    }

    /// <summary>Queues an event, waiting while the queue is full; false once it is closed.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="lendsThread">The loop may go on within this call, for some events. The caller holds no lock.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async ValueTask<bool> TryPostAsync(SwarmEvent happened, bool lendsThread, CancellationToken cancellationToken)
    {
        try
        {
            await _events.Writer.WriteAsync(happened, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            return false;
        }

        _posted.Set(lendsThread);
        return true;
    }

    /// <summary>Takes the next event; false when there is none now.</summary>
    public bool TryTake([MaybeNullWhen(false)] out SwarmEvent happened) => _events.Reader.TryRead(out happened);

    /// <summary>Waits until there may be an event; the one loop does when it has found none.</summary>
    public ValueTask WaitAsync() => _posted.WaitAsync(CancellationToken.None);

    /// <summary>Takes no more events.</summary>
    public void Close() => _events.Writer.TryComplete();
}

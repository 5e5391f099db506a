using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Swarms;

/// <summary>What others wait for in a swarm: its metadata, and its end.</summary>
internal sealed class SwarmOutcome
{
    private readonly TaskCompletionSource<Metainfo> _metainfo = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SwarmOutcome()
    {
        // Nobody need wait for either; a failure that nobody looks at must not end up with the finalizer.
        _ = _metainfo.Task.ContinueWith(static task => task.Exception, TaskScheduler.Default);
        _ = _completion.Task.ContinueWith(static task => task.Exception, TaskScheduler.Default);
    }

    /// <summary>The torrent, once known.</summary>
    public Task<Metainfo> Metainfo => _metainfo.Task;

    /// <summary>Ends when every piece is stored.</summary>
    public Task Completion => _completion.Task;

    /// <summary>The metadata is known.</summary>
    public void Know(Metainfo metainfo) => _metainfo.TrySetResult(metainfo);

    /// <summary>Every piece is stored.</summary>
    public void Complete() => _completion.TrySetResult();

    /// <summary>The swarm cannot go on.</summary>
    public void Fail(SwarmException cause)
    {
        _metainfo.TrySetException(cause);
        _completion.TrySetException(cause);
    }

    /// <summary>The swarm was removed before it was done.</summary>
    public void Stop() => Fail(new SwarmException("the torrent was removed"));
}

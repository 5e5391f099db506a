using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Swarms;

/// <summary>What others wait for in a swarm: its metadata, and its end.</summary>
internal sealed class SwarmOutcome
{
    private readonly TaskCompletionSource<Metainfo> _metainfo = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource _completion = NewCompletion();

    public SwarmOutcome() => _ = _metainfo.Task.ContinueWith(static task => task.Exception, TaskScheduler.Default);

    /// <summary>The torrent, once known.</summary>
    public Task<Metainfo> Metainfo => _metainfo.Task;

    /// <summary>Ends when every selected piece is stored.</summary>
    public Task Completion => _completion.Task;

    /// <summary>The metadata is known.</summary>
    public void Know(Metainfo metainfo) => _metainfo.TrySetResult(metainfo);

    /// <summary>Every selected piece is stored.</summary>
    public void Complete() => _completion.TrySetResult();

    /// <summary>More is selected than is stored: there is something to wait for again.</summary>
    public void Reopen()
    {
        if (_completion.Task.IsCompletedSuccessfully)
        {
            _completion = NewCompletion();
        }
    }

    /// <summary>The swarm cannot go on.</summary>
    public void Fail(SwarmException cause)
    {
        _metainfo.TrySetException(cause);
        _completion.TrySetException(cause);
    }

    /// <summary>The swarm was removed before it was done.</summary>
    public void Stop() => Fail(new SwarmException("the torrent was removed"));

    // Nobody need wait for an outcome; a failure that nobody looks at must not end up with the finalizer.
    private static TaskCompletionSource NewCompletion()
    {
        var completion = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = completion.Task.ContinueWith(static task => task.Exception, TaskScheduler.Default);
        return completion;
    }
}

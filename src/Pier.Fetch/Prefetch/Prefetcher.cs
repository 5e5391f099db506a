using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Fetch.Delivery;

namespace Pier.Fetch.Prefetch;

/// <summary>
/// Fetches the layers that follow the one which a client takes, a few at a time and only while somebody reads of that image, so that
/// hardly a byte is brought that nobody wants.
/// </summary>
internal sealed class Prefetcher : IPrefetch, IAsyncDisposable
{
    private const int Workers = 2;

    private readonly PulledLayers _layers = new();
    private readonly Lock _gate = new();
    private readonly ContentFetcher _contents;
    private readonly FetchOptions _options;
    private readonly ILogger<Prefetcher> _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<bool> _work = Channel.CreateBounded<bool>(new BoundedChannelOptions(Workers) { FullMode = BoundedChannelFullMode.DropWrite });
    private Task _loops = Task.CompletedTask;

    public Prefetcher(ContentFetcher contents, FetchOptions options, ILogger<Prefetcher> log)
    {
        _contents = contents;
        _options = options;
        _log = log;
    }

    /// <summary>Begins to wait for clients.</summary>
    public void Start() =>
        _loops = _options.Prefetch ? Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(FetchAsync))) : Task.CompletedTask;

    /// <inheritdoc/>
    public void Saw(RepositoryName repository, ManifestDocument manifest)
    {
        if (_options.Prefetch)
        {
            lock (_gate)
            {
                _layers.Note(repository, manifest);
            }
        }
    }

    /// <inheritdoc/>
    public IDisposable? Take(RepositoryName repository, Digest blob)
    {
        PulledImage? image;
        lock (_gate)
        {
            image = _layers.Take(repository, blob);
        }
        if (image is null)
        {
            return null;
        }
        for (var worker = 0; worker < Workers; worker++)
        {
            _work.Writer.TryWrite(true);
        }
        return new Reading(this, image);
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

    private async Task FetchAsync()
    {
        try
        {
            while (await _work.Reader.ReadAsync(_stop.Token))
            {
                while (Next() is { } request)
                {
                    await FetchAsync(request);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The node is stopping.
        }
    }

    private async Task FetchAsync(BlobRequest request)
    {
        try
        {
            await _contents.CompleteAsync(request, _stop.Token);
        }
        catch (ContentException failure)
        {
            // The client that asks for it will hear why.
            LogMessages.NotPrefetched(_log, request.Digest, failure.Message);
        }
        catch (Exception fault) when (!_stop.IsCancellationRequested)
        {
            // One blob's trouble must not end what is done for all the others.
            LogMessages.PrefetchBroke(_log, request.Digest, fault);
        }
    }

    private BlobRequest? Next()
    {
        lock (_gate)
        {
            return _layers.Next();
        }
    }

    private sealed class Reading(Prefetcher owner, PulledImage image) : IDisposable
    {
        private bool _ended;

        public void Dispose()
        {
            lock (owner._gate)
            {
                if (!_ended)
                {
                    _ended = true;
                    image.Readers--;
                }
            }
        }
    }
}

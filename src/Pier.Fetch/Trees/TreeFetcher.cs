using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Fetch.Uris;

namespace Pier.Fetch.Trees;

/// <summary>Opens trees by URI; several URIs are fallbacks for the same content (design §4).</summary>
internal sealed class TreeFetcher(IEnumerable<ITreeHandler> handlers, FetchOptions options, TimeProvider time, ILogger<TreeFetcher> log) : ITreeFetcher
{
    private readonly ITreeHandler[] _handlers = [.. handlers];

    /// <inheritdoc/>
    public async ValueTask<IArrivingTree> OpenAsync(TreeRequest request, CancellationToken cancellationToken)
    {
        var failures = new List<ContentException>();
        for (var number = 0; number < request.Uris.Count; number++)
        {
            var uri = request.Uris[number];
            try
            {
                return await OpenAsync(uri, request, isLast: number == request.Uris.Count - 1, cancellationToken);
            }
            catch (ContentException failure)
            {
                LogMessages.UriFailed(log, uri.GetType().Name, failure.Message);
                failures.Add(failure);
            }
        }

        throw failures.Count == 1
            ? failures[0]
            : new ContentUnavailableException(string.Join(" ", failures.Select(failure => failure.Message)), new AggregateException(failures));
    }

    /// <summary>Opens one. A torrent that nobody knows is asked for for ever, unless something else can be tried.</summary>
    private async Task<IArrivingTree> OpenAsync(ContentUri uri, TreeRequest request, bool isLast, CancellationToken cancellationToken)
    {
        var handler = _handlers.FirstOrDefault(handler => handler.Handles(uri))
            ?? throw new ContentUnavailableException($"{uri}: this node has no source for it.");
        using var patience = new CancellationTokenSource(isLast ? Timeout.InfiniteTimeSpan : options.BodyPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            return await handler.OpenAsync(uri, request, either.Token);
        }
        catch (OperationCanceledException slow) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ContentUnavailableException($"{TorrentSpecs.Shown(uri)}: nobody told for {options.BodyPatience.TotalSeconds:0} s what is in it.", slow);
        }
    }
}

using Microsoft.Extensions.Logging;
using Pier.Content.Contracts;
using Pier.Content.Uris;

namespace Pier.Fetch.Trees;

/// <summary>Opens trees by URI; several URIs are fallbacks for the same content (design §4).</summary>
internal sealed class TreeFetcher(IEnumerable<ITreeHandler> handlers, ILogger<TreeFetcher> log) : ITreeFetcher
{
    private readonly ITreeHandler[] _handlers = [.. handlers];

    /// <inheritdoc/>
    public async ValueTask<IArrivingTree> OpenAsync(TreeRequest request, CancellationToken cancellationToken)
    {
        var failures = new List<ContentException>();
        foreach (var uri in request.Uris)
        {
            try
            {
                var handler = _handlers.FirstOrDefault(handler => handler.Handles(uri))
                    ?? throw new ContentUnavailableException($"{uri}: this node has no source for it.");
                return await handler.OpenAsync(uri, request, cancellationToken);
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
}

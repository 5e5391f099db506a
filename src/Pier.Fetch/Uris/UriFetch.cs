using System.Globalization;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Selection;
using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Fetch.Status;

namespace Pier.Fetch.Uris;

/// <summary>Brings content by URI as <c>pier get</c> does; several URIs are fallbacks for the same bytes (design §4).</summary>
public sealed class UriFetch
{
    private readonly IReadOnlyList<IUriHandler> _handlers;
    private readonly ILogger<UriFetch> _log;

    internal UriFetch(IEnumerable<IUriHandler> handlers, ILogger<UriFetch> log)
    {
        _handlers = [.. handlers];
        _log = log;
    }

    /// <summary>Writes the content below a folder, which is made where it is missing.</summary>
    /// <param name="uris">Tried in this order until one delivers.</param>
    /// <param name="plan">Where the files go, and which are wanted.</param>
    /// <param name="progress">Told of each part while it moves.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ContentException">None delivers; names each of them and why.</exception>
    public Task<Download> RunAsync(
        IReadOnlyList<ContentUri> uris, DownloadPlan plan, IProgress<PartProgress> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(uris);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(progress);
        return RunAsync(uris, plan, () => progress, cancellationToken);
    }

    /// <summary>As above, where each attempt is told of apart.</summary>
    internal async Task<Download> RunAsync(
        IReadOnlyList<ContentUri> uris, DownloadPlan plan, Func<IProgress<PartProgress>> progress, CancellationToken cancellationToken)
    {
        MakeFolder(plan.Folder);
        var failures = new List<ContentException>();
        foreach (var (attempt, uri) in uris.Index())
        {
            var own = plan.IsApart ? plan with { Folder = Path.Combine(plan.Folder, attempt.ToString(CultureInfo.InvariantCulture)) } : plan;
            try
            {
                var handler = HandlerOf(uri);
                MakeFolder(own.Folder);
                return plan.Files == FileChoice.All || handler.CanSelect
                    ? await handler.GetAsync(uri, own, progress(), cancellationToken) with { Folder = own.Folder, Uri = uri }
                    : throw new ContentUnavailableException($"{TorrentSpecs.Shown(uri)}: files can be selected of torrents only.");
            }
            catch (ContentException failure)
            {
                LogMessages.UriFailed(_log, uri.GetType().Name, failure.Message);
                failures.Add(failure);
            }
        }
        throw failures.Count == 1
            ? failures[0]
            : new ContentUnavailableException(
                string.Join(" ", failures.Select(failure => failure.Message)), new AggregateException(failures));
    }

    private IUriHandler HandlerOf(ContentUri uri) => _handlers.FirstOrDefault(handler => handler.Handles(uri))
        ?? throw new ContentUnavailableException(uri switch
        {
            IpfsUri or IpnsUri => $"{uri}: no IPFS source is configured on this node. Name another source, such as a magnet link or an https address.",
            _ => $"{TorrentSpecs.Shown(uri)}: this node has no source for it.",
        });

    private static void MakeFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new ContentStorageException($"{folder} cannot be made: {refused.Message}", refused);
        }
    }
}

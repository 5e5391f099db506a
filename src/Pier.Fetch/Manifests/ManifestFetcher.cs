using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Fetch.Upstreams;

namespace Pier.Fetch.Manifests;

/// <summary>
/// Step 2 of a pull (design §3): a tag costs one HEAD upstream however many ask, and falls back to the last known
/// answer, this node's or a member's, when the upstream fails or takes more than two seconds.
/// </summary>
internal sealed class ManifestFetcher(
    ManifestShelf shelf, TagMemory tags, IUpstream upstream, UpstreamHealth health, FetchOptions options, TimeProvider time, ILogger<ManifestFetcher> log)
    : IManifestFetcher
{
    private readonly SingleFlight<(RepositoryName Repository, string Tag), ManifestDocument> _flights = new();

    /// <inheritdoc/>
    public async ValueTask<ManifestDocument> ByTagAsync(RepositoryName repository, string tag, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(tag);
        return await _flights.RunAsync((repository, tag), token => ResolveAsync(repository, tag, token), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<ManifestDocument> ByDigestAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        return shelf.GetAsync(repository, digest, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<TagPage> ListTagsAsync(RepositoryName repository, int? count, string? last, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        return await upstream.ListTagsAsync(repository, count, last, cancellationToken);
    }

    private async Task<ManifestDocument> ResolveAsync(RepositoryName repository, string tag, CancellationToken cancellationToken)
    {
        var silence = await AskUpstreamAsync(repository, tag, cancellationToken);
        if (silence.Document is { } fresh)
        {
            return fresh;
        }

        if (await tags.FindAsync(repository, tag, cancellationToken) is not { } known)
        {
            throw new ContentUnavailableException(
                $"{repository.Registry} does not answer for {repository.Familiar}:{tag} and nobody remembers the tag: {silence.Reason}", silence.Cause);
        }

        LogMessages.StaleTag(log, repository, tag, known.Digest, known.Member ?? "this node", silence.Reason);
        var document = await shelf.GetAsync(repository, known.Digest, cancellationToken);
        if (known.Member is not null)
        {
            tags.Remember(repository, tag, known);
        }
        return document with { Warning = StaleWarning(repository, known) };
    }

    /// <summary>RFC 9111 §5.5 retired the header and kept its meaning; clients that know it show the text (RFC 7234 §5.5.1).</summary>
    private static string StaleWarning(RepositoryName repository, LastKnown known) =>
        $"110 pier \"Response is Stale: {repository.Registry} does not answer; as of {known.When:yyyy-MM-dd'T'HH:mm:ss'Z'}\"";

    private async ValueTask<UpstreamAnswer> AskUpstreamAsync(RepositoryName repository, string tag, CancellationToken cancellationToken)
    {
        if (health.IsDown(repository.Registry))
        {
            return new UpstreamAnswer(null, "it could not be reached a moment ago", null);
        }

        using var patience = new CancellationTokenSource(options.TagPatience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var head = await upstream.HeadManifestAsync(repository, tag, both.Token);
            health.MarkUp(repository.Registry);
            var document = await shelf.GetAsync(repository, head.Digest, cancellationToken);
            tags.Remember(repository, tag, head.Digest, document.MediaType);
            return new UpstreamAnswer(document, "", null);
        }
        catch (ContentUnavailableException failure)
        {
            health.MarkDown(repository.Registry);
            return new UpstreamAnswer(null, failure.Message, failure);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            health.MarkDown(repository.Registry);
            return new UpstreamAnswer(null, $"no answer within {options.TagPatience.TotalSeconds:0.#} s", late);
        }
    }

    private readonly record struct UpstreamAnswer(ManifestDocument? Document, string Reason, Exception? Cause);
}

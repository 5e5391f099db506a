using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution;
using Pier.Distribution.Credentials;
using Pier.Fetch.Policy;
using Pier.Fetch.Upstreams;

namespace Pier.Fetch.Manifests;

/// <summary>
/// Step 2 of a pull (design §3): a tag costs one HEAD upstream however many ask, and falls back to the last known
/// answer, this node's or a member's, when the upstream fails or takes more than two seconds.
/// </summary>
internal sealed class ManifestFetcher(
    ManifestShelf shelf, ReferrersFetcher referrers, TagMemory tags, IUpstream upstream, UpstreamHealth health, IBlobProofs proofs, FetchOptions options, TimeProvider time, ILogger<ManifestFetcher> log)
    : IManifestFetcher
{
    private readonly SingleFlight<(RepositoryName Repository, string Tag, string? Reader), ManifestDocument> _flights = new();

    /// <inheritdoc/>
    public async ValueTask<ManifestDocument> ByTagAsync(RepositoryName repository, string tag, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(tag);
        return await _flights.RunAsync((repository, tag, CallerLogin.For(repository)?.Mark), token => ResolveAsync(repository, tag, token), cancellationToken);
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

    /// <inheritdoc/>
    public ValueTask<ReferrersPage> ListReferrersAsync(RepositoryName repository, Digest subject, string query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        return referrers.ListAsync(repository, subject, query, cancellationToken);
    }

    /// <summary>Asks the upstream what a tag names now, however fresh the last answer is.</summary>
    /// <exception cref="ContentException">It does not answer, or has no such tag.</exception>
    public async Task<ManifestDocument> RefreshAsync(RepositoryName repository, string tag, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.FirstByteTimeoutOf(repository.Registry), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var answer = await AskUpstreamAsync(repository, tag, both.Token, cancellationToken);
        return answer.Head is { } head
            ? await KeepAsync(repository, tag, head, cancellationToken)
            : throw new ContentUnavailableException($"{repository.Registry} does not answer for {repository.Familiar}:{tag}: {answer.Reason}", answer.Cause);
    }

    private async Task<ManifestDocument> ResolveAsync(RepositoryName repository, string tag, CancellationToken cancellationToken)
    {
        if (tags.Ours(repository, tag) is { } ours && (ours.Pinned || time.GetUtcNow() - ours.When < FreshnessOf(repository)))
        {
            return await shelf.GetAsync(repository, ours.Digest, cancellationToken);
        }
        if (health.IsDown(repository.Registry))
        {
            return await FallBackAsync(repository, tag, "it could not be reached a moment ago", cause: null, cancellationToken);
        }

        using var limit = new CancellationTokenSource(options.FirstByteTimeoutOf(repository.Registry), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var asking = AskUpstreamAsync(repository, tag, both.Token, cancellationToken);
        if (await IsLateAsync(asking, cancellationToken) && await tags.FindAsync(repository, tag, cancellationToken) is { } known)
        {
            await both.CancelAsync();
            await ((Task)asking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return await StaleAsync(repository, tag, known, $"no answer within {options.TagPatience.TotalSeconds:0.#} s", cancellationToken);
        }

        var answer = await asking;
        return answer.Head is { } head
            ? await KeepAsync(repository, tag, head, cancellationToken)
            : await FallBackAsync(repository, tag, answer.Reason, answer.Cause, cancellationToken);
    }

    private TimeSpan FreshnessOf(RepositoryName repository) =>
        options.Registries.TryGetValue(repository.Registry, out var policy) ? policy.TagFreshness : TimeSpan.Zero;

    /// <summary>True when the answer takes longer than where another one is known.</summary>
    private async Task<bool> IsLateAsync(Task asking, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var patience = Task.Delay(options.TagPatience, time, over.Token);
        var isLate = await Task.WhenAny(asking, patience) == patience;
        await over.CancelAsync();
        await patience.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return isLate;
    }

    private async Task<ManifestDocument> KeepAsync(RepositoryName repository, string tag, ManifestHead head, CancellationToken cancellationToken)
    {
        var document = await shelf.GetAsync(repository, head.Digest, cancellationToken);
        tags.Remember(repository, tag, head.Digest, document.MediaType);
        return document;
    }

    private async Task<ManifestDocument> FallBackAsync(RepositoryName repository, string tag, string reason, Exception? cause, CancellationToken cancellationToken) =>
        await tags.FindAsync(repository, tag, cancellationToken) is { } known
            ? await StaleAsync(repository, tag, known, reason, cancellationToken)
            : throw new ContentUnavailableException(
                $"{repository.Registry} does not answer for {repository.Familiar}:{tag} and nobody remembers the tag: {reason}", cause);

    private async Task<ManifestDocument> StaleAsync(RepositoryName repository, string tag, LastKnown known, string reason, CancellationToken cancellationToken)
    {
        LogMessages.StaleTag(log, repository, tag, known.Digest, known.Member ?? "this node", reason);
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

    /// <summary>One HEAD; what may pass is told, not thrown.</summary>
    private async Task<UpstreamAnswer> AskUpstreamAsync(
        RepositoryName repository, string tag, CancellationToken limited, CancellationToken cancellationToken)
    {
        try
        {
            var head = await upstream.HeadManifestAsync(repository, tag, limited);
            health.MarkUp(repository.Registry);
            proofs.Reached(repository);
            return new UpstreamAnswer(head, "", null);
        }
        catch (ContentUnavailableException failure)
        {
            health.MarkDown(repository.Registry);
            return new UpstreamAnswer(null, failure.Message, failure);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            health.MarkDown(repository.Registry);
            return new UpstreamAnswer(null, $"no answer within {options.FirstByteTimeoutOf(repository.Registry).TotalSeconds:0.#} s", late);
        }
    }

    private readonly record struct UpstreamAnswer(ManifestHead? Head, string Reason, Exception? Cause);
}

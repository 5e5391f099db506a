using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution.Errors;
using Pier.Fetch.Policy;
using Pier.Fetch.Upstreams;

namespace Pier.Fetch.Manifests;

/// <summary>
/// What refers to a manifest: the upstream's own answer, and while it is silent the last one, for who may read
/// the repository. Whether a client may be told at all is judged at its door.
/// </summary>
internal sealed class ReferrersFetcher(
    IUpstream upstream, UpstreamHealth health, IBlobProofs proofs, ReferrersMemory memory, FetchOptions options, TimeProvider time)
{
    /// <summary>One page.</summary>
    /// <exception cref="ContentException">The upstream refuses, or is silent and was never asked before.</exception>
    public async ValueTask<ReferrersPage> ListAsync(RepositoryName repository, Digest subject, string query, CancellationToken cancellationToken)
    {
        var (reason, cause) = ("it could not be reached a moment ago", (Exception?)null);
        if (!health.IsDown(repository.Registry))
        {
            using var patience = new CancellationTokenSource(options.FirstByteTimeoutOf(repository.Registry), time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            try
            {
                var page = await upstream.ListReferrersAsync(repository, subject, query, both.Token);
                health.MarkUp(repository.Registry);
                if (NamesSome(page))
                {
                    // An empty list is what many registries say to whom they tell nothing.
                    proofs.Reached(repository);
                }

                memory.Put(repository, subject, query, page, time.GetUtcNow());
                return page;
            }
            catch (ContentUnavailableException failure)
            {
                (reason, cause) = (failure.Message, failure);
                MarkDown(repository, failure);
            }
            catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
            {
                (reason, cause) = ($"no answer within {options.FirstByteTimeoutOf(repository.Registry).TotalSeconds:0.#} s", late);
                health.MarkDown(repository.Registry);
            }
        }

        if (memory.Find(repository, subject, query) is not { } known || !await proofs.MayReadAsync(repository, subject, cancellationToken))
        {
            throw new ContentUnavailableException($"{repository.Registry} does not say what refers to {subject} in {repository.Path}, and this node does not remember: {reason}", cause);
        }
        return known.Page with
        {
            Warning = $"110 pier \"Response is Stale: {repository.Registry} does not answer; as of {known.When:yyyy-MM-dd'T'HH:mm:ss'Z'}\"",
        };
    }

    private static bool NamesSome(ReferrersPage page) => page.Index.Span.IndexOf("\"digest\""u8) >= 0;

    /// <summary>A registry that answers, and does not like this one question, is there for all others.</summary>
    private void MarkDown(RepositoryName repository, ContentUnavailableException failure)
    {
        if (failure.InnerException is not UpstreamException { Failure: UpstreamFailure.BadAnswer or UpstreamFailure.RateLimited })
        {
            health.MarkDown(repository.Registry);
        }
    }
}

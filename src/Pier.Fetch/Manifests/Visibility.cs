using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Fetch.Policy;
using Pier.Fetch.Upstreams;

namespace Pier.Fetch.Manifests;

/// <summary>
/// Says whether a repository is public: as remembered for a day, else by asking without credentials (design §4).
/// What is not proved public is private.
/// </summary>
internal sealed class Visibility(IUpstream upstream, AccessRecords records, FetchOptions options, TimeProvider time)
{
    /// <summary>The answer for a target that is known to exist; without an upstream that tells, what is remembered.</summary>
    public async ValueTask<bool> IsPublicAsync(RepositoryName repository, string target, CancellationToken cancellationToken)
    {
        if (records.Find(repository) is { } known && time.GetUtcNow() - known.CheckedAt < options.VisibilityLifetime)
        {
            return known.IsPublic;
        }

        using var patience = new CancellationTokenSource(options.TagPatience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await upstream.IsPublicAsync(repository, target, both.Token);
        }
        catch (ContentException)
        {
            return records.Find(repository)?.IsPublic ?? false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return records.Find(repository)?.IsPublic ?? false;
        }
    }
}

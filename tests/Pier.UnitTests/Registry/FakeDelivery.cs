using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.TestKit.Policies;
using Pier.TestKit.Stores;

namespace Pier.UnitTests.Registry;

/// <summary>Delivery without sources: what is in the store or handed over, and whatever failure a test wants.</summary>
internal class FakeDelivery(MemoryContentStore store) : FixedPolicy, IContentFetcher, IManifestFetcher
{
    private readonly List<string> _calls = [];

    /// <summary>Thrown by every call when set.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Opened instead of what the store has, when set.</summary>
    public IContentReader? Reader { get; set; }

    /// <summary>The answer for every manifest.</summary>
    public ManifestDocument? Manifest { get; set; }

    /// <summary>The answer for every list of tags.</summary>
    public TagPage Page { get; set; } = new([], HasMore: false);

    /// <summary>The answer for every list of referrers.</summary>
    public ReferrersPage Referrers { get; set; } = new("{}"u8.ToArray());

    /// <summary>What was asked, in order.</summary>
    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_calls)
            {
                return [.. _calls];
            }
        }
    }

    public async ValueTask<IContentReader> OpenAsync(BlobRequest request, CancellationToken cancellationToken)
    {
        Note($"open {request.Origin} {request.Digest}");
        return Reader ?? await store.OpenAsync(request.Digest, cancellationToken) ?? throw new ContentNotFoundException("no such blob");
    }

    public async ValueTask<long?> StatAsync(BlobRequest request, CancellationToken cancellationToken)
    {
        Note($"stat {request.Origin} {request.Digest}");
        return (await store.StatAsync(request.Digest, cancellationToken))?.Size;
    }

    public ValueTask<ManifestDocument> ByTagAsync(RepositoryName repository, string tag, CancellationToken cancellationToken)
    {
        Note($"tag {repository} {tag}");
        return ValueTask.FromResult(Manifest ?? throw new ContentNotFoundException("no such tag"));
    }

    public ValueTask<ManifestDocument> ByDigestAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken)
    {
        Note($"manifest {repository} {digest}");
        return ValueTask.FromResult(Manifest ?? throw new ContentNotFoundException("no such manifest"));
    }

    public ValueTask<TagPage> ListTagsAsync(RepositoryName repository, int? count, string? last, CancellationToken cancellationToken)
    {
        Note($"tags {repository} n={count} last={last}");
        return ValueTask.FromResult(Page);
    }

    public ValueTask<ReferrersPage> ListReferrersAsync(RepositoryName repository, Digest subject, string query, CancellationToken cancellationToken)
    {
        Note($"referrers {repository} {subject} {query}");
        return ValueTask.FromResult(Referrers);
    }

    private void Note(string call)
    {
        lock (_calls)
        {
            _calls.Add(call);
        }

        if (Failure is not null)
        {
            throw Failure;
        }
    }
}

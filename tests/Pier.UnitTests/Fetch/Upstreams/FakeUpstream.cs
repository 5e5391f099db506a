using System.Collections.Concurrent;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution;
using Pier.Fetch.Upstreams;

namespace Pier.UnitTests.Fetch.Upstreams;

/// <summary>An upstream in memory: manifests, blobs and tags, silent or failing when told so, counting what it is asked.</summary>
internal sealed class FakeUpstream : IUpstream
{
    private readonly ConcurrentDictionary<Digest, ManifestDocument> _manifests = new();
    private readonly ConcurrentDictionary<Digest, byte[]> _blobs = new();
    private readonly ConcurrentDictionary<string, Digest> _tags = new(StringComparer.Ordinal);
    private int _heads;
    private int _gets;
    private int _sizes;

    /// <summary>Thrown by everything while set.</summary>
    public Func<ContentException>? Failure { get; set; }

    /// <summary>Nothing is answered before this completes.</summary>
    public Task Answers { get; set; } = Task.CompletedTask;

    /// <summary>Whether answers are had without credentials.</summary>
    public bool Anonymous { get; set; } = true;

    /// <summary>What the anonymous question finds; asked only when <see cref="Anonymous"/> is false.</summary>
    public bool IsPublic { get; set; }

    public int Heads => Volatile.Read(ref _heads);

    public int Gets => Volatile.Read(ref _gets);

    public int Sizes => Volatile.Read(ref _sizes);

    /// <summary>Offsets at which blobs were opened.</summary>
    public ConcurrentQueue<long> Opened { get; } = new();

    public void Tag(string tag, ManifestDocument manifest)
    {
        _manifests[manifest.Digest] = manifest;
        _tags[tag] = manifest.Digest;
    }

    public Digest Add(byte[] blob)
    {
        var digest = Digest.Compute(blob);
        _blobs[digest] = blob;
        return digest;
    }

    /// <summary>Has it say that it has a blob, and send these bytes for it.</summary>
    public void Claim(Digest digest, byte[] bytes) => _blobs[digest] = bytes;

    public async Task<ManifestHead> HeadManifestAsync(RepositoryName repository, string target, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _heads);
        await AnswerAsync(cancellationToken);
        return (_tags.TryGetValue(target, out var digest) || Digest.TryParse(target, out digest)) && _manifests.TryGetValue(digest, out var manifest)
            ? new ManifestHead(digest, manifest.MediaType, manifest.Content.Length, Anonymous)
            : throw new ContentNotFoundException($"no tag {target}");
    }

    public async Task<UpstreamManifest> GetManifestAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _gets);
        await AnswerAsync(cancellationToken);
        return _manifests.TryGetValue(digest, out var manifest)
            ? new UpstreamManifest(manifest, Anonymous)
            : throw new ContentNotFoundException($"no manifest {digest}");
    }

    public async Task<UpstreamBlob> OpenBlobAsync(RepositoryName repository, Digest digest, long offset, CancellationToken cancellationToken)
    {
        Opened.Enqueue(offset);
        await AnswerAsync(cancellationToken);
        return _blobs.TryGetValue(digest, out var blob)
            ? new UpstreamBlob(new MemoryStream(blob, (int)offset, blob.Length - (int)offset), offset, blob.Length, Anonymous)
            : throw new ContentNotFoundException($"no blob {digest}");
    }

    public async Task<long?> SizeOfAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _sizes);
        await AnswerAsync(cancellationToken);
        return _blobs.TryGetValue(digest, out var blob) ? blob.Length : null;
    }

    public async Task<TagPage> ListTagsAsync(RepositoryName repository, int? count, string? last, CancellationToken cancellationToken)
    {
        await AnswerAsync(cancellationToken);
        return new TagPage([.. _tags.Keys.Order(StringComparer.Ordinal)], HasMore: false);
    }

    /// <summary>What refers to everything.</summary>
    public byte[] Referrers { get; set; } = [];

    public async Task<ReferrersPage> ListReferrersAsync(RepositoryName repository, Digest subject, string query, CancellationToken cancellationToken)
    {
        await AnswerAsync(cancellationToken);
        return new ReferrersPage(Referrers, IsFiltered: true, "last=x");
    }

    public async Task<bool> IsPublicAsync(RepositoryName repository, string target, CancellationToken cancellationToken)
    {
        await AnswerAsync(cancellationToken);
        return IsPublic;
    }

    private async Task AnswerAsync(CancellationToken cancellationToken)
    {
        await Answers.WaitAsync(cancellationToken);
        if (Failure is { } failure)
        {
            throw failure();
        }
    }
}

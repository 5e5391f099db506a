using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution.Credentials;
using Pier.Fetch.Manifests;
using Pier.Fetch.Upstreams;
using Pier.Membership;

namespace Pier.Fetch.Policy;

/// <summary>
/// The one judge of who may have what (design §4): public blobs pass every door; private ones pass the node port and the
/// registry only under a repository that has them, and the registry only for who may read that repository, which for clients without
/// a login is this node, while loopback clients are served at all.
/// </summary>
internal sealed class AccessPolicy(
    AccessRecords records, IContentStore store, IUpstream upstream, FetchOptions options, TimeProvider time, ILogger<AccessPolicy> log,
    UpstreamHealth? health = null, IMembership? membership = null)
    : IAccessPolicy, IBlobProofs, IShareRights
{
    private const int SampleLength = 64 << 10;

    private readonly Visibility _visibility = new(upstream, records, options, time);
    private readonly RepositoryReaders _readers = new(records, upstream, options, time, log, health);

    /// <inheritdoc/>
    public async ValueTask<bool> MayServeAsync(Digest digest, RepositoryName? under, Door door, CancellationToken cancellationToken) => door switch
    {
        // A digest alone opens nothing private: for whose sake the member asks cannot be known here.
        Door.NodePort when under is null => !records.IsClosed(digest),
        Door.NodePort => !records.IsNamed(digest) || records.IsPublic(digest) || records.IsUnder(under, digest)
            || (records.IsUnproven(digest) && await HasUnderAsync(digest, under, cancellationToken)),
        Door.WebSeed => records.IsPublic(digest),
        Door.Swarm => records.IsPublic(digest) && AnnounceRules.ScopeOf(digest, records, options) != AnnounceScope.Off,
        // The setting is for clients of this host: others get what is private by a login of their own, and by no other right.
        // A public repository's layers may be in a private one, too.
        Door.RemoteRegistry when under is null || CallerLogin.For(under) is null => records.IsPublic(digest)
            || (under is not null && IsPublic(under)
                && ((!records.IsNamed(digest) && await store.StatAsync(digest, cancellationToken) is null) || await HasUnderAsync(digest, under, cancellationToken))),
        _ => records.IsPublic(digest)
            || (under is not null && MayHavePrivate(under) && await IsUnderAsync(digest, under, cancellationToken)),
    };

    /// <inheritdoc/>
    public async ValueTask<bool> MayListAsync(RepositoryName repository, string target, Door door, CancellationToken cancellationToken) =>
        (door == Door.Registry && options.PrivateLoopback == PrivateLoopback.Serve)
        || CallerLogin.For(repository) is not null
        || await _visibility.IsPublicAsync(repository, target, cancellationToken);

    /// <inheritdoc/>
    public bool IsClosed(Digest digest) => records.IsClosed(digest);

    /// <inheritdoc/>
    public ValueTask RecordAsync(
        RepositoryName repository, bool isPublic, IReadOnlyCollection<Digest> blobs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(blobs);
        _readers.Note(repository);
        Put(repository, new(isPublic, time.GetUtcNow(), IsOurs(repository)), blobs, BlobClaim.Named);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask NameAsync(RepositoryName repository, IReadOnlyCollection<Digest> blobs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(blobs);
        Put(repository, Known(repository), blobs, BlobClaim.Given);
        return ValueTask.CompletedTask;
    }

    /// <summary>Remembers that these blobs came here by no repository at all: private until one is found to have them.</summary>
    /// <param name="blobs">The blobs.</param>
    /// <param name="isOpen">True when a URI that needs no login brought them.</param>
    public void Hide(IReadOnlyCollection<Digest> blobs, bool isOpen = false)
    {
        foreach (var shelf in blobs.GroupBy(blob => AccessRecords.Unproven(blob, isOpen)))
        {
            Put(shelf.Key, new(IsPublic: false, DateTimeOffset.MinValue, IsOurs: false), [.. shelf], BlobClaim.Named);
        }
    }

    /// <inheritdoc/>
    public ValueTask AnsweredAsync(RepositoryName repository, Digest blob, bool wasAnonymous, CancellationToken cancellationToken) =>
        FindAsync(repository, blob, wasAnonymous, BlobClaim.Named);

    /// <inheritdoc/>
    public ValueTask ProveAsync(RepositoryName repository, Digest blob, bool wasAnonymous, CancellationToken cancellationToken) =>
        FindAsync(repository, blob, wasAnonymous, BlobClaim.Proved);

    private ValueTask FindAsync(RepositoryName repository, Digest blob, bool wasAnonymous, BlobClaim claim)
    {
        Reached(repository);
        // Only an answer without credentials says anew who may have it; with them, the next such answer is not put off.
        var known = Known(repository);
        var found = wasAnonymous ? known with { IsPublic = true, CheckedAt = time.GetUtcNow() } : known;
        Put(repository, found with { IsOurs = IsOurs(repository) }, [blob], claim);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask HearAsync(RepositoryName repository, bool isVouched, IReadOnlyCollection<Digest> blobs, CancellationToken cancellationToken)
    {
        var known = Known(repository);
        // What this node found out itself stands; else its next question to the upstream is not put off.
        var isPublic = known.CheckedAt > DateTimeOffset.MinValue ? known.IsPublic : known.IsPublic || isVouched;
        Put(repository, known with { IsPublic = isPublic }, blobs, BlobClaim.Named);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Reached(RepositoryName repository) => _readers.Note(repository);

    /// <inheritdoc/>
    public ValueTask<bool> MayReadAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken) =>
        _readers.MayReadAsync(repository, digest, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<bool> MayShareAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken) =>
        records.IsPublic(digest)
        || (records.IsUnder(repository, digest)
            ? await _readers.MayReadAsync(repository, digest, cancellationToken)
            : await store.StatAsync(digest, cancellationToken) is not null && await HasUnderAsync(digest, repository, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<bool> MayAwaitAsync(RepositoryName repository, Digest digest, long length, CancellationToken cancellationToken)
    {
        // One that is known to have the blob was asked already whether it gives it to who is asking now.
        if (records.IsUnder(repository, digest))
        {
            return false;
        }
        try
        {
            return await upstream.SizeOfAsync(repository, digest, cancellationToken) == length;
        }
        catch (ContentException refusal) when (refusal is not ContentUnavailableException)
        {
            LogMessages.AccessNotProved(log, digest, repository, refusal.Message);
            return false;
        }
    }

    /// <inheritdoc/>
    public bool IsPublic(RepositoryName repository) => records.Find(repository) is { IsPublic: true };

    private static bool IsOurs(RepositoryName repository) => CallerLogin.For(repository) is null;

    private RepositoryAccess Known(RepositoryName repository) =>
        records.Find(repository) is { } known ? known with { IsOurs = false } : new(IsPublic: false, DateTimeOffset.MinValue, IsOurs: false);

    /// <summary>The setting is for clients that give no login: they get what this node may have.</summary>
    private bool MayHavePrivate(RepositoryName under) => options.PrivateLoopback == PrivateLoopback.Serve || CallerLogin.For(under) is not null;

    /// <summary>
    /// A blob that nobody names and that is not here is proved by fetching it under this repository, unless members could give it
    /// first; one that is here, or that only others are known to have, by asking this one's upstream.
    /// </summary>
    private async ValueTask<bool> IsUnderAsync(Digest digest, RepositoryName under, CancellationToken cancellationToken)
    {
        if (records.IsUnder(under, digest))
        {
            return await _readers.MayReadAsync(under, digest, cancellationToken);
        }
        if (!records.IsNamed(digest) && await store.StatAsync(digest, cancellationToken) is null)
        {
            return membership is null || membership.Current.Live.IsEmpty || await NameAsync(digest, under, cancellationToken);
        }
        return await HasUnderAsync(digest, under, cancellationToken);
    }

    /// <summary>
    /// Members may bring it: that it belongs to a private repository is known from now on, and who else asks is judged by that. No
    /// repository is said to have what its upstream was not asked for: anybody could have it name every digest.
    /// </summary>
    private async ValueTask<bool> NameAsync(Digest digest, RepositoryName under, CancellationToken cancellationToken)
    {
        if (IsPublic(under))
        {
            return true;
        }
        if (!await _readers.HasNowAsync(under, digest, cancellationToken))
        {
            return false;
        }
        Put(under, Known(under), [digest], BlobClaim.Named);
        return true;
    }

    private async ValueTask<bool> HasUnderAsync(Digest digest, RepositoryName under, CancellationToken cancellationToken)
    {
        try
        {
            if (await upstream.SizeOfAsync(under, digest, cancellationToken) is not { } size)
            {
                return false;
            }
            if (await store.OpenAsync(digest, cancellationToken) is not { } held)
            {
                // Nothing is given but what comes from there, and proves itself by its digest.
                return true;
            }
            await using (held)
            {
                if (held.Length != size || !await ShowsAsync(under, digest, held, cancellationToken))
                {
                    LogMessages.AccessNotProved(log, digest, under, "its registry says that it has the blob, and does not show the bytes");
                    return false;
                }
            }
        }
        catch (Exception failure) when (failure is ContentException or IOException)
        {
            LogMessages.AccessNotProved(log, digest, under, failure.Message);
            return false;
        }
        await ProveAsync(under, digest, wasAnonymous: false, cancellationToken);
        return true;
    }

    /// <summary>
    /// Whoever names a registry of his own in a request can have it say yes to every digest: it has to show bytes of the blob, from
    /// where this node says.
    /// </summary>
    private async Task<bool> ShowsAsync(RepositoryName under, Digest digest, IContentReader held, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.FirstByteTimeoutOf(under.Registry), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var offset = RandomNumberGenerator.GetInt32((int)Math.Min(int.MaxValue, (Math.Max(0, held.Length - SampleLength) / SampleLength) + 1)) * (long)SampleLength;
        var sample = new byte[(int)Math.Min(SampleLength, held.Length - offset)];
        var known = new byte[sample.Length];
        try
        {
            var opened = await upstream.OpenBlobAsync(under, digest, offset, both.Token);
            await using var stream = opened.Stream;
            if (opened.Offset != offset)
            {
                return false;
            }
            var read = await stream.ReadAtLeastAsync(sample, sample.Length, throwOnEndOfStream: false, both.Token);
            for (int at = 0, more; at < known.Length && (more = await held.ReadAtAsync(offset + at, known.AsMemory(at), both.Token)) > 0;)
            {
                at += more;
            }
            return read == sample.Length && sample.AsSpan().SequenceEqual(known);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Put(RepositoryName repository, RepositoryAccess access, IReadOnlyCollection<Digest> blobs, BlobClaim claim)
    {
        try
        {
            records.Put(repository, access, blobs, claim);
        }
        catch (ContentStorageException failure)
        {
            // Delivery goes on: after a restart these blobs are private until their manifest is asked for again.
            LogMessages.AccessNotKept(log, repository, failure.Message);
        }
    }
}

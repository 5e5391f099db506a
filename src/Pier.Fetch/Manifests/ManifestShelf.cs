using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Distribution;
using Pier.Distribution.Errors;
using Pier.Fetch.Policy;
using Pier.Fetch.Upstreams;
using Pier.Membership.Client;

namespace Pier.Fetch.Manifests;

/// <summary>Manifests by digest: from the store, from members, from the upstream; each one that comes is kept and its names recorded.</summary>
internal sealed class ManifestShelf(
    IContentStore store,
    INodeClient members,
    IUpstream upstream,
    IAccessPolicy policy,
    IBlobProofs proofs,
    Visibility visibility,
    UpstreamHealth health,
    FetchOptions options,
    TimeProvider time)
{
    /// <summary>As fine as the store notes it: a manifest used since is sent from memory.</summary>
    private static readonly TimeSpan UseResolution = TimeSpan.FromMinutes(1);

    private readonly RecentManifests _recent = new();

    /// <summary>The manifest under a repository.</summary>
    /// <exception cref="ContentException">Nobody has it, or nobody who may have it answers.</exception>
    public async ValueTask<ManifestDocument> GetAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken)
    {
        if (await FindHeldAsync(digest, cancellationToken) is { } held
            && await policy.MayServeAsync(digest, repository, Door.Registry, cancellationToken))
        {
            return held;
        }
        var patience = health.IsDown(repository.Registry) ? options.LastMemberPatience : options.MemberPatience;
        if (await members.FindManifestAsync(new BlobName(digest, repository), patience, cancellationToken) is { } told)
        {
            // A member gives it under this name only if the repository has it; that this node may have it is for the upstream to say.
            if (!told.IsVouched && !await proofs.MayReadAsync(repository, digest, cancellationToken))
            {
                throw new ContentDeniedException($"A member has the manifest {digest}, but {repository.Registry} does not give {repository} to this node. Log in there.");
            }
            await proofs.HearAsync(repository, told.IsVouched, NamesOf(told), cancellationToken);
            return await KeepAsync(told, cancellationToken);
        }
        if (health.IsDown(repository.Registry))
        {
            throw new ContentUnavailableException(
                $"No member has the manifest {digest}, and {repository.Registry} could not be reached a moment ago. Try again in {options.UpstreamPause.TotalSeconds:0} s.");
        }
        var fetched = await AskAsync(repository, digest, cancellationToken);
        var anyoneMay = fetched.WasAnonymous
            || await visibility.IsPublicAsync(repository, fetched.Document.Digest.ToString(), cancellationToken);
        await policy.RecordAsync(repository, anyoneMay, NamesOf(fetched.Document), cancellationToken);
        await proofs.ProveAsync(repository, digest, anyoneMay, cancellationToken);
        return await KeepAsync(fetched.Document, cancellationToken);
    }

    /// <summary>A manifest that this node holds, whoever asks; null when it does not, or the blob is no manifest.</summary>
    public async ValueTask<ManifestDocument?> FindHeldAsync(Digest digest, CancellationToken cancellationToken)
    {
        if (_recent.Find(digest) is { } recent && await store.StatAsync(digest, cancellationToken) is { } info
            && (time.GetUtcNow() - info.LastUsed).Duration() < UseResolution)
        {
            return recent;
        }
        await using var reader = await store.OpenAsync(digest, cancellationToken);
        if (reader is null || reader.Length > ManifestParser.MaxSize)
        {
            return null;
        }
        var content = new byte[reader.Length];
        for (var offset = 0; offset < content.Length;)
        {
            offset += await reader.ReadAtAsync(offset, content.AsMemory(offset), cancellationToken);
        }
        try
        {
            var document = new ManifestDocument(digest, ManifestParser.Parse(null, content).MediaType, content);
            _recent.Keep(document);
            return document;
        }
        catch (ContentFormatException)
        {
            // A layer or configuration asked for as a manifest.
            return null;
        }
    }

    private async Task<UpstreamManifest> AskAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.FirstByteTimeoutOf(repository.Registry), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await upstream.GetManifestAsync(repository, digest, both.Token);
        }
        catch (ContentUnavailableException failure)
        {
            // One that answers is there for other questions: Docker's own answers 500 to who asks for a blob as a manifest.
            if (failure.InnerException is not UpstreamException { Failure: UpstreamFailure.ServerFailed or UpstreamFailure.BadAnswer or UpstreamFailure.RateLimited })
            {
                health.MarkDown(repository.Registry);
            }

            throw;
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            health.MarkDown(repository.Registry);
            throw new ContentUnavailableException(
                $"{repository.Registry} did not send the manifest {digest} within {options.FirstByteTimeoutOf(repository.Registry).TotalSeconds:0} s.", late);
        }
    }

    private static IReadOnlyCollection<Digest> NamesOf(ManifestDocument document) =>
        [document.Digest, .. ManifestParser.Parse(document.MediaType, document.Content).References.Select(part => part.Digest)];

    private async ValueTask<ManifestDocument> KeepAsync(ManifestDocument document, CancellationToken cancellationToken)
    {
        await using var ingest = await store.IngestAsync(document.Digest, document.Content.Length, cancellationToken);
        await ingest.WriteAsync(document.Content, cancellationToken);
        await ingest.SealAsync(cancellationToken);
        return document;
    }
}

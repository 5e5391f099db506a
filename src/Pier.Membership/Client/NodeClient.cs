using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Membership.Holdings;
using Pier.Membership.Members;
using Pier.Membership.NodePort;
using Pier.Membership.Wire;

namespace Pier.Membership.Client;

/// <summary>Asks members for holdings, blobs, manifests and tags.</summary>
internal sealed class NodeClient(
    IMembership membership, HoldingsBoard holdings, NodeConnections connections, NodeCalls calls, LongWaits waits, MembershipOptions options, TimeProvider clock, ILogger<NodeClient> logger) : INodeClient
{
    // More would only share the same work.
    private const int MaxAsked = 32;

    /// <inheritdoc/>
    public async IAsyncEnumerable<MemberHolding> WhoHasAsync(
        BlobName name, TimeSpan patience, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var first = LikelyHolders(name.Digest);
        var isFound = false;
        await foreach (var answer in AskAllAsync(AskAsync, patience, first, cancellationToken))
        {
            isFound |= answer.Holding.State == HoldingState.Sealed;
            yield return answer;
        }

        var left = patience - clock.GetElapsedTime(began);
        if (isFound || first.Count == membership.Current.Live.Length || left <= TimeSpan.Zero)
        {
            yield break;
        }

        await foreach (var answer in AskAllAsync(AskAsync, left, membership.Current.Live.Except(first), cancellationToken))
        {
            yield return answer;
        }

        async Task<MemberHolding?> AskAsync(Member member, CancellationToken token) =>
            await GetHoldingAsync(member, name, token) is { } holding ? new MemberHolding(member, holding) : null;
    }

    /// <inheritdoc/>
    public async Task<MemberStream> OpenRangeAsync(Member member, BlobName name, long offset, long? length, TimeSpan? patience, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (length < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, "A range has at least one byte.");
        }

        var range = new RangeHeaderValue(offset, length is { } count && count <= long.MaxValue - offset ? offset + count - 1 : null);
        var first = patience ?? options.StallAfter;
        var response = await waits.ForAsync(
            member, first, token => calls.OpenAsync(member, connections.To(member), NodeRoutes.Blobs + name.ToPath(), range, first, token), cancellationToken);
        try
        {
            var (blobLength, rangeLength) = LengthsOf(member, response, offset, length);
            var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            return new MemberStream(member, response, body, blobLength, rangeLength, first, waits);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<ProvisionalOffer?> AskInvitationAsync(Member member, BlobName name, TimeSpan? patience, CancellationToken cancellationToken)
    {
        var first = patience ?? options.StallAfter;
        var answer = await waits.ForAsync(
            member, first,
            token => calls.CallAsync(
                member, connections.To(member), HttpMethod.Get, NodeRoutes.Provisional + name.ToPath(), body: null, NodeRoutes.MaxJsonBytes, first, token),
            cancellationToken);
        return answer is null ? null
            : Checked(member, NodeCalls.Parse(member, answer.Body, NodeJson.Default.ProvisionalDocument), found => found.ToOffer());
    }

    /// <inheritdoc/>
    public async Task<ManifestDocument?> GetManifestAsync(Member member, BlobName name, CancellationToken cancellationToken)
    {
        var digest = name.Digest;
        var answer = await calls.CallAsync(
            member, connections.To(member), HttpMethod.Get, NodeRoutes.Manifests + name.ToPath(), body: null, NodeRoutes.MaxManifestBytes, options.AnswerPatience, cancellationToken);
        return answer is null ? null
            : Digest.Compute(answer.Body.Span, digest.Algorithm) != digest ? throw new MemberException(member, MemberFailure.Malformed, $"the bytes it sent for {digest} have another digest.")
            : !MediaTypeText.IsValid(answer.MediaType) ? throw new MemberException(member, MemberFailure.Malformed, $"it sent {digest} without a media type.")
            : new ManifestDocument(digest, answer.MediaType, answer.Body) { IsVouched = answer.IsPublic };
    }

    /// <inheritdoc/>
    public async Task<TagRecord?> GetTagAsync(Member member, RepositoryName repository, string tag, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(repository);
        var path = $"{NodeRoutes.Tags}?registry={Uri.EscapeDataString(repository.Registry)}&path={Uri.EscapeDataString(repository.Path)}&tag={Uri.EscapeDataString(tag)}";
        var document = await GetAsync(member, path, NodeJson.Default.TagDocument, cancellationToken);
        return Checked(member, document, found => found.ToRecord());
    }

    /// <inheritdoc/>
    public async Task<ManifestDocument?> FindManifestAsync(BlobName name, TimeSpan patience, CancellationToken cancellationToken)
    {
        await foreach (var manifest in AskAllAsync((member, token) => GetManifestAsync(member, name, token), patience, membership.Current.Live, cancellationToken))
        {
            return manifest;
        }

        return null;
    }

    /// <inheritdoc/>
    public async Task<MemberTag?> FindTagAsync(RepositoryName repository, string tag, TimeSpan patience, CancellationToken cancellationToken)
    {
        MemberTag? newest = null;
        await foreach (var answer in AskAllAsync(AskAsync, patience, membership.Current.Live, cancellationToken))
        {
            newest = newest is null || answer.Tag.When > newest.Tag.When ? answer : newest;
        }

        return newest;

        async Task<MemberTag?> AskAsync(Member member, CancellationToken token) =>
            await GetTagAsync(member, repository, tag, token) is { } found ? new MemberTag(member, found) : null;
    }

    private static (long Blob, long Range) LengthsOf(Member member, HttpResponseMessage response, long offset, long? length)
    {
        var headers = response.Content.Headers;
        if (headers.ContentLength is { } announced)
        {
            // Only an empty blob, which has no ranges, is answered without one.
            if (headers.ContentRange is null && announced == 0 && offset == 0)
            {
                return (0, 0);
            }

            if (headers.ContentRange is { Length: { } blob, From: { } from, To: { } to }
                && from == offset && to - from + 1 == announced && announced <= (length ?? long.MaxValue) && to < blob)
            {
                return (blob, announced);
            }
        }

        throw new MemberException(member, MemberFailure.Malformed, $"it answered with another range than the one from {offset}.");
    }

    private static T? Checked<TDocument, T>(Member member, TDocument? document, Func<TDocument, T> check)
        where TDocument : class
        where T : class
    {
        try
        {
            return document is null ? null : check(document);
        }
        catch (System.Text.Json.JsonException cause)
        {
            throw new MemberException(member, MemberFailure.Malformed, cause.Message, cause);
        }
    }

    /// <inheritdoc/>
    public async Task<NodeHolding?> GetHoldingAsync(Member member, BlobName name, CancellationToken cancellationToken)
    {
        var document = await GetAsync(member, NodeRoutes.Holdings + name.ToPath(), NodeJson.Default.HoldingDocument, cancellationToken);
        return Checked(member, document, found => found.ToHolding());
    }

    private async Task<T?> GetAsync<T>(
        Member member, string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var answer = await calls.CallAsync(
            member, connections.To(member), HttpMethod.Get, path, body: null, NodeRoutes.MaxJsonBytes, options.AnswerPatience, cancellationToken);
        return answer is null ? null : NodeCalls.Parse(member, answer.Body, type);
    }

    /// <summary>
    /// Whom to ask first: some of those that say they have it, and all whose word is not known; everybody, when nobody says so.
    /// </summary>
    private List<Member> LikelyHolders(Digest digest)
    {
        var claiming = holdings.ClaimedBy(digest);
        var live = membership.Current.Live;
        return claiming.Count == 0
            ? [.. live]
            : [.. claiming.OrderBy(_ => Random.Shared.Next()).Take(MaxAsked), .. live.Where(member => !holdings.TellsAll(member.Id))];
    }

    /// <summary>Asks members at once and yields answers as they come; whoever is still asked at the end is given up on and awaited.</summary>
    private async IAsyncEnumerable<T> AskAllAsync<T>(
        Func<Member, CancellationToken, Task<T?>> ask, TimeSpan patience, IEnumerable<Member> members, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        using var waiting = new CancellationTokenSource(patience, clock);
        using var asking = CancellationTokenSource.CreateLinkedTokenSource(waiting.Token, cancellationToken);
        var asked = members.Select(member => TryAsync(ask, member, asking.Token)).ToArray();
        try
        {
            await foreach (var answered in Task.WhenEach(asked).WithCancellation(cancellationToken))
            {
                if (await answered is { } answer)
                {
                    yield return answer;
                }
            }
        }
        finally
        {
            await asking.CancelAsync();
            await Task.WhenAll(asked);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task<T?> TryAsync<T>(Func<Member, CancellationToken, Task<T?>> ask, Member member, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await ask(member, cancellationToken);
        }
        catch (MemberException cause)
        {
            logger.NoAnswer(cause.Message);
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            logger.NoAnswer($"{member} had not answered when the asking ended.");
            return null;
        }
    }
}

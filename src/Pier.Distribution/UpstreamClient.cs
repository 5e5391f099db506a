using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Distribution.Errors;
using Pier.Distribution.Transport;
using Pier.Distribution.Wire;

namespace Pier.Distribution;

/// <summary>
/// Pulls from one registry (OCI distribution-spec, "Pull" and "Content Discovery"). Its addresses are tried in
/// order; failures are content exceptions whose cause is an <see cref="UpstreamException"/> with the details.
/// </summary>
public sealed class UpstreamClient : IDisposable
{
    private const int MaxTagList = 16 * 1024 * 1024;

    private readonly IReadOnlyList<UpstreamEndpoint> _endpoints;
    private readonly IReadOnlyList<IDisposable> _owned;
    private readonly IReadOnlyList<TimeSpan> _pauses;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    internal UpstreamClient(
        string registry, IReadOnlyList<UpstreamEndpoint> endpoints, IReadOnlyList<IDisposable> owned, IReadOnlyList<TimeSpan> pauses, TimeProvider time, ILogger logger)
    {
        Registry = registry;
        _endpoints = endpoints;
        _owned = owned;
        _pauses = pauses;
        _time = time;
        _logger = logger;
    }

    /// <summary>The registry's name.</summary>
    public string Registry { get; }

    /// <summary>Asks for a manifest's digest, type and size; falls back to GET where HEAD does not tell them.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="target">A tag or a digest.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ContentNotFoundException">The upstream has no such manifest.</exception>
    /// <exception cref="ContentDeniedException">The upstream refused the credentials, or wants some.</exception>
    /// <exception cref="ContentUnavailableException">No address answered, or none with sense.</exception>
    /// <exception cref="ContentFormatException">What the fallback brought is no manifest.</exception>
    public Task<ManifestHead> HeadManifestAsync(RepositoryName repository, string target, CancellationToken cancellationToken) =>
        HeadManifestAsync(repository, target, anonymousOnly: false, cancellationToken);

    /// <summary>True when a manifest can be had by anyone: HEAD succeeds without our credentials (design §4, "Policy").</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="target">A tag or a digest that is known to exist.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ContentUnavailableException">No address answered, so that nothing is known.</exception>
    public async Task<bool> IsPublicAsync(RepositoryName repository, string target, CancellationToken cancellationToken)
    {
        try
        {
            await HeadManifestAsync(repository, target, anonymousOnly: true, cancellationToken);
            return true;
        }
        catch (Exception refused) when (refused is ContentDeniedException or ContentNotFoundException)
        {
            // Some registries hide what the public may not see behind 404.
            return false;
        }
    }

    /// <summary>Gets a manifest of at most 4 MiB, proves it against its digest where that is known, and reads it once.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="target">A tag or a digest.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ContentNotFoundException">The upstream has no such manifest.</exception>
    /// <exception cref="ContentDeniedException">The upstream refused the credentials, or wants some.</exception>
    /// <exception cref="ContentUnavailableException">No address answered, or none with sense.</exception>
    /// <exception cref="ContentMismatchException">The bytes are not what the digest names.</exception>
    /// <exception cref="ContentFormatException">Too large, or no manifest.</exception>
    public Task<UpstreamManifest> GetManifestAsync(RepositoryName repository, string target, CancellationToken cancellationToken) =>
        GetManifestAsync(repository, target, anonymousOnly: false, cancellationToken);

    /// <summary>Asks for a blob's size.</summary>
    /// <exception cref="ContentNotFoundException">The upstream has no such blob.</exception>
    /// <exception cref="ContentDeniedException">The upstream refused the credentials, or wants some.</exception>
    /// <exception cref="ContentUnavailableException">No address answered, or none with sense.</exception>
    public async Task<BlobHead> HeadBlobAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken)
    {
        var call = new UpstreamCall(HttpMethod.Head, repository, $"blobs/{digest}");
        var head = await TryEachAsync(call, (answer, _) => Task.FromResult(BlobAnswer.Head(answer)), cancellationToken);
        if (head is not null)
        {
            return head;
        }

        await using var open = await OpenBlobAsync(repository, digest, 0, 1, cancellationToken);
        return new BlobHead(open.TotalSize, open.WasAnonymous);
    }

    /// <summary>Opens a blob at an offset. A server that ignores ranges is read past the offset.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="digest">The blob.</param>
    /// <param name="offset">First byte wanted.</param>
    /// <param name="length">Bytes wanted, or null for all that follow.</param>
    /// <param name="cancellationToken">Ends the wait for headers; reads have their own.</param>
    /// <exception cref="ContentNotFoundException">The upstream has no such blob.</exception>
    /// <exception cref="ContentDeniedException">The upstream refused the credentials, or wants some.</exception>
    /// <exception cref="ContentUnavailableException">No address answered, or none with sense.</exception>
    public Task<UpstreamBlob> OpenBlobAsync(RepositoryName repository, Digest digest, long offset, long? length, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (length is { } wanted)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(wanted, nameof(length));
        }

        var range = offset == 0 && length is null ? null : new RangeHeaderValue(offset, offset + length - 1);
        return TryEachAsync(
            new UpstreamCall(HttpMethod.Get, repository, $"blobs/{digest}") { Range = range },
            (answer, ending) => BlobAnswer.OpenAsync(answer.Requester, answer, offset, length, ending),
            cancellationToken);
    }

    /// <summary>One page of a repository's tags.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="count">Most tags wanted, or null for the upstream's choice.</param>
    /// <param name="last">Tag after which the page begins, or null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ContentNotFoundException">The upstream has no such repository.</exception>
    /// <exception cref="ContentDeniedException">The upstream refused the credentials, or wants some.</exception>
    /// <exception cref="ContentUnavailableException">No address answered, or none with sense.</exception>
    public Task<TagPage> ListTagsAsync(RepositoryName repository, int? count, string? last, CancellationToken cancellationToken)
    {
        string[] query = [count is null ? "" : $"n={count}", last is null ? "" : $"last={Uri.EscapeDataString(last)}"];
        var text = string.Join('&', query.Where(part => part.Length > 0));
        return TryEachAsync(
            new UpstreamCall(HttpMethod.Get, repository, text.Length == 0 ? "tags/list" : $"tags/list?{text}"),
            ReadTagsAsync,
            cancellationToken);
    }

    /// <summary>One page of what refers to a manifest (OCI distribution-spec, "Listing Referrers").</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="subject">The manifest that is referred to.</param>
    /// <param name="query">Query without the question mark; may be empty.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ContentNotFoundException">The upstream has no such list, or no such repository.</exception>
    /// <exception cref="ContentDeniedException">The upstream refused the credentials, or wants some.</exception>
    /// <exception cref="ContentUnavailableException">No address answered, or none with sense.</exception>
    public Task<ReferrersPage> ListReferrersAsync(RepositoryName repository, Digest subject, string query, CancellationToken cancellationToken) =>
        TryEachAsync(
            new UpstreamCall(HttpMethod.Get, repository, query.Length == 0 ? $"referrers/{subject}" : $"referrers/{subject}?{query}") { Accept = [MediaTypes.OciIndex] },
            ReferrersAnswer.ReadAsync,
            cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in _owned)
        {
            part.Dispose();
        }
    }

    private async Task<ManifestHead> HeadManifestAsync(RepositoryName repository, string target, bool anonymousOnly, CancellationToken cancellationToken)
    {
        var call = ManifestCall(HttpMethod.Head, repository, target, anonymousOnly);
        var head = await TryEachAsync(call, (answer, _) => Task.FromResult(ManifestAnswer.Head(answer, target)), cancellationToken);
        if (head is not null)
        {
            return head;
        }

        var (document, wasAnonymous) = await GetManifestAsync(repository, target, anonymousOnly, cancellationToken);
        return new ManifestHead(document.Digest, document.MediaType, document.Content.Length, wasAnonymous);
    }

    private Task<UpstreamManifest> GetManifestAsync(RepositoryName repository, string target, bool anonymousOnly, CancellationToken cancellationToken) =>
        TryEachAsync(
            ManifestCall(HttpMethod.Get, repository, target, anonymousOnly),
            (answer, ending) => ManifestAnswer.ReadAsync(answer.Requester, answer, target, ending),
            cancellationToken);

    private static UpstreamCall ManifestCall(HttpMethod method, RepositoryName repository, string target, bool anonymousOnly) =>
        new(method, repository, $"manifests/{target}") { Accept = MediaTypes.Acceptable, AnonymousOnly = anonymousOnly };

    /// <summary>
    /// Asks the addresses in order until one answers well; the last one's refusal decides the kind of failure. When the last
    /// failed as servers do that will not fail the next time, all are asked again after a moment.
    /// </summary>
    private async Task<T> TryEachAsync<T>(UpstreamCall call, Func<EndpointAnswer, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        for (var round = 0; ; round++)
        {
            var failures = new List<ContentException>();
            foreach (var endpoint in _endpoints)
            {
                try
                {
                    return await AskAsync(endpoint, call, read, cancellationToken);
                }
                catch (UpstreamException failure)
                {
                    failures.Add(UpstreamErrors.ToContent(failure));
                }
                catch (ContentException failure)
                {
                    failures.Add(failure);
                }

                if (failures.Count < _endpoints.Count)
                {
                    _logger.NextEndpoint(endpoint.Name, Registry, failures[^1].Message);
                }
            }

            if (round == _pauses.Count || !UpstreamErrors.MayPass(failures[^1]))
            {
                throw UpstreamErrors.Join(failures);
            }

            await Task.Delay(_pauses[round], _time, cancellationToken);
        }
    }

    private static async Task<T> AskAsync<T>(
        UpstreamEndpoint endpoint, UpstreamCall call, Func<EndpointAnswer, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        var answer = await endpoint.SendAsync(call, cancellationToken);
        try
        {
            // Not every server knows HEAD; the reader then falls back to GET.
            var status = answer.Response.StatusCode;
            var headUnknown = call.Method == HttpMethod.Head && status is HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented;
            return status is HttpStatusCode.OK or HttpStatusCode.PartialContent || headUnknown
                ? await read(answer, cancellationToken)
                : throw await endpoint.RefusalAsync(answer, cancellationToken);
        }
        catch
        {
            answer.Response.Dispose();
            throw;
        }
    }

    private static async Task<TagPage> ReadTagsAsync(EndpointAnswer answer, CancellationToken cancellationToken)
    {
        var hasMore = answer.Response.Headers.TryGetValues("Link", out var links)
            && links.Any(link => link.Contains("rel=\"next\"", StringComparison.OrdinalIgnoreCase) || link.Contains("rel=next", StringComparison.OrdinalIgnoreCase));
        var body = await answer.Requester.ReadBodyAsync(answer.Response, answer.What, MaxTagList, cancellationToken)
            ?? throw AnswerChecks.Bad(answer, $"the list has more than {MaxTagList} bytes; ask with n=1000");
        try
        {
            var list = JsonSerializer.Deserialize(body, DistributionJson.Default.TagList) ?? throw AnswerChecks.Bad(answer, "the list is null");
            return new TagPage(list.Tags ?? [], hasMore);
        }
        catch (JsonException broken)
        {
            throw AnswerChecks.Bad(answer, "the answer is no tags list", broken);
        }
    }
}

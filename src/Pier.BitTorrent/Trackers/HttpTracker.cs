using System.Buffers;
using System.Net;
using Pier.BitTorrent.Torrents;

namespace Pier.BitTorrent.Trackers;

/// <summary>A tracker reached over HTTP or HTTPS (BEP 3, 48).</summary>
/// <param name="address">The announce address.</param>
/// <param name="http">Made by <see cref="TrackerHttp.CreateClient"/>.</param>
/// <param name="time">For the request's deadline.</param>
public sealed class HttpTracker(Uri address, HttpClient http, TimeProvider time) : ITracker
{
    /// <inheritdoc/>
    public string Name { get; } = address.GetLeftPart(UriPartial.Authority) is var authority && address.UserInfo.Length == 0
        ? authority
        : $"{address.Scheme}://{address.Host}:{address.Port}";

    /// <inheritdoc/>
    public async Task<AnnounceAnswer> AnnounceAsync(AnnounceRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await AskAsync(HttpAnnounceQuery.Announce(address, request), static (tracker, askedAt, body) => HttpTrackerAnswer.ReadAnnounce(tracker, body) with { TrackerAddress = askedAt }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<InfoHash, SwarmCounts>> ScrapeAsync(
        IReadOnlyList<InfoHash> infoHashes,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(infoHashes);
        var scrape = HttpAnnounceQuery.Scrape(address, infoHashes)
            ?? throw new TrackerException(Name, "it offers no scrape: its address does not end in /announce");
        return await AskAsync(scrape, static (tracker, _, body) => HttpTrackerAnswer.ReadScrape(tracker, body), cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> AskAsync<T>(Uri query, AnswerReader<T> read, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(TrackerBounds.RequestTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(TrackerBounds.MaxAnswerBytes + 1);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, query);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
            var length = await ReadBodyAsync(response, buffer, both.Token).ConfigureAwait(false);
            return Interpret(response, buffer.AsSpan(0, length), read, request.Options.TryGetValue(TrackerHttp.AskedAt, out var askedAt) ? askedAt : null);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TrackerException(Name, $"no answer within {TrackerBounds.RequestTimeout.TotalSeconds:0} s", error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or InvalidDataException)
        {
            throw new TrackerException(Name, $"it cannot be asked: {error.Message}", error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private T Interpret<T>(HttpResponseMessage response, ReadOnlySpan<byte> body, AnswerReader<T> read, IPAddress? askedAt)
    {
        // Some trackers put their failure reason into an answer with an error status.
        if (!response.IsSuccessStatusCode && (body.IsEmpty || body[0] != (byte)'d'))
        {
            throw new TrackerException(Name, $"it answered HTTP {(int)response.StatusCode} {response.ReasonPhrase}");
        }

        return read(Name, askedAt, body);
    }

    private async Task<int> ReadBodyAsync(HttpResponseMessage response, byte[] buffer, CancellationToken cancellationToken)
    {
        using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var length = await body.ReadAtLeastAsync(
            buffer.AsMemory(0, TrackerBounds.MaxAnswerBytes + 1),
            TrackerBounds.MaxAnswerBytes + 1,
            throwOnEndOfStream: false,
            cancellationToken).ConfigureAwait(false);
        return length <= TrackerBounds.MaxAnswerBytes
            ? length
            : throw new TrackerException(Name, $"its answer is larger than {TrackerBounds.MaxAnswerBytes} bytes");
    }

    private delegate T AnswerReader<T>(string tracker, IPAddress? askedAt, ReadOnlySpan<byte> body);
}

using System.Globalization;
using System.Net;

namespace Pier.BitTorrent.WebSeeds;

/// <summary>Judges the head of a web server's answer before a byte of its body is believed.</summary>
internal static class WebSeedAnswer
{
    private const int MaxNote = 64;

    /// <summary>Passes over an answer whose body begins with the bytes asked for.</summary>
    /// <exception cref="WebSeedException">It does not.</exception>
    public static async Task CheckAsync(HttpResponseMessage answer, WebSeedPart part, CancellationToken cancellationToken)
    {
        if (!answer.IsSuccessStatusCode)
        {
            throw await RefusalAsync(answer, part, cancellationToken);
        }

        if (answer.Content.Headers.ContentEncoding.Any(coding => coding is not "identity"))
        {
            throw new WebSeedException("it compresses what it sends") { IsLasting = true };
        }

        if (part.From is not { } from)
        {
            CheckLength(answer, part.Length);
        }
        else if (answer.StatusCode == HttpStatusCode.PartialContent)
        {
            CheckRange(answer, part, from);
        }
        else if (from > 0)
        {
            throw new WebSeedException("it ignores ranges") { IsLasting = true };
        }
        else
        {
            // The whole file although a range was asked for (RFC 9110 §14.2): what we need comes first.
            CheckLength(answer, part.FileLength);
        }
    }

    private static void CheckRange(HttpResponseMessage answer, WebSeedPart part, long from)
    {
        var range = answer.Content.Headers.ContentRange;
        if (range?.From != from || (range.Length is { } length && length != part.FileLength) || range.To != from + part.Length - 1)
        {
            throw new WebSeedException($"asked for bytes {from}-{from + part.Length - 1}/{part.FileLength}, it answers with {range}") { IsLasting = true };
        }

        CheckLength(answer, part.Length);
    }

    private static void CheckLength(HttpResponseMessage answer, long expected)
    {
        if (answer.Content.Headers.ContentLength is { } length && length != expected)
        {
            throw new WebSeedException($"it has {length} bytes where the torrent has {expected}") { IsLasting = true };
        }
    }

    private static async Task<WebSeedException> RefusalAsync(HttpResponseMessage answer, WebSeedPart part, CancellationToken cancellationToken)
    {
        var status = (int)answer.StatusCode;
        return new WebSeedException($"HTTP {status}")
        {
            IsLasting = status is >= 400 and < 500 and not (408 or 425 or 429),
            MissingFile = status is 404 or 410 && part.FileIndex >= 0 ? part.FileIndex : null,
            RetryAfter = answer.Headers.RetryAfter?.Delta
                ?? (status == 503 && part.From is null ? await NoteAsync(answer, cancellationToken) : null),
        };
    }

    // BEP 17: a busy server says in its body how many seconds to wait.
    private static async Task<TimeSpan?> NoteAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var note = new byte[MaxNote];
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var length = await body.ReadAtLeastAsync(note, note.Length, throwOnEndOfStream: false, cancellationToken);
        var text = System.Text.Encoding.ASCII.GetString(note, 0, length).Trim();
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;
    }
}

using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Pier.Content;

namespace Pier.Registry.Bodies;

/// <summary>A single byte range of a request (RFC 9110 §14.1.2); other units and several ranges count as none, which the RFC allows.</summary>
/// <param name="Part">The part to send, null for all of it.</param>
/// <param name="IsSatisfiable">False when the range lies beyond the end: 416.</param>
internal readonly record struct RequestedRange(ByteRange? Part, bool IsSatisfiable)
{
    private const string Unit = "bytes=";

    private static readonly RequestedRange Whole = new(null, IsSatisfiable: true);
    private static readonly RequestedRange Unsatisfiable = new(null, IsSatisfiable: false);

    /// <summary>The range a request asks of something of <paramref name="length"/> bytes that goes by <paramref name="etag"/>.</summary>
    public static RequestedRange Of(HttpRequest request, long length, string etag)
    {
        // Only GET has ranges (RFC 9110 §14.2).
        if (!HttpMethods.IsGet(request.Method))
        {
            return Whole;
        }

        var headers = request.Headers;

        // A range of another version is no use to the client (RFC 9110 §13.1.5); dates never match, we send none.
        var isCurrent = StringValues.IsNullOrEmpty(headers.IfRange) || headers.IfRange == etag;
        return isCurrent && headers.Range is [{ } range] ? Parse(range, length) : Whole;
    }

    /// <summary>Reads <c>bytes=A-B</c>, <c>bytes=A-</c> or <c>bytes=-N</c>.</summary>
    public static RequestedRange Parse(ReadOnlySpan<char> header, long length)
    {
        if (!header.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            return Whole;
        }

        var range = header[Unit.Length..].Trim();
        var dash = range.IndexOf('-');
        if (dash < 0)
        {
            return Whole;
        }

        var first = range[..dash].Trim();
        var last = range[(dash + 1)..].Trim();
        if (first.IsEmpty)
        {
            return TryNumber(last, out var suffix) ? Suffix(suffix, length) : Whole;
        }

        var end = long.MaxValue;
        if (!TryNumber(first, out var start) || (!last.IsEmpty && (!TryNumber(last, out end) || end < start)))
        {
            return Whole;
        }

        return start < length
            ? new RequestedRange(new ByteRange(start, Math.Min(end, length - 1) - start + 1), IsSatisfiable: true)
            : Unsatisfiable;
    }

    private static RequestedRange Suffix(long count, long length)
    {
        var sent = Math.Min(count, length);
        return sent == 0 ? Unsatisfiable : new RequestedRange(new ByteRange(length - sent, sent), IsSatisfiable: true);
    }

    /// <summary>Digits only; a number too large for 64 bits is beyond any end.</summary>
    private static bool TryNumber(ReadOnlySpan<char> text, out long number)
    {
        number = 0;
        if (text.IsEmpty || text.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        number = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : long.MaxValue;
        return true;
    }
}

using Microsoft.Extensions.Primitives;

namespace Pier.Registry.Routing;

/// <summary>
/// The media types that a client takes (RFC 9110 §12.5.1), joined over all lines: classic Docker sends six
/// <c>Accept</c> lines in random order.
/// </summary>
internal static class AcceptHeader
{
    /// <summary>True when one of the lines names the type, or a range it is in; also when there is no line.</summary>
    public static bool Takes(StringValues lines, string mediaType)
    {
        var any = false;
        foreach (var line in lines)
        {
            foreach (var part in (line ?? "").AsSpan().Split(','))
            {
                var range = line.AsSpan()[part];
                var end = range.IndexOf(';');
                var type = (end < 0 ? range : range[..end]).Trim();
                any |= !type.IsEmpty;
                if (IsIn(mediaType, type))
                {
                    return true;
                }
            }
        }

        return !any;
    }

    private static bool IsIn(string mediaType, ReadOnlySpan<char> range) =>
        range is "*/*"
        || range.Equals(mediaType, StringComparison.OrdinalIgnoreCase)
        || (range.EndsWith("/*") && mediaType.AsSpan().StartsWith(range[..^1], StringComparison.OrdinalIgnoreCase));
}

using System.Buffers;
using System.Globalization;
using System.Net;

namespace Pier.Content.References;

/// <summary>
/// The terminals of the distribution reference grammar (github.com/distribution/reference, "Grammar"): pure tests
/// over spans, linear in the text's length.
/// </summary>
public static class ReferenceGrammar
{
    /// <summary>Most characters of registry, slash and path together.</summary>
    public const int MaxNameLength = 255;

    /// <summary>Most characters of a tag.</summary>
    public const int MaxTagLength = 128;

    private static readonly SearchValues<char> IPv6Characters = SearchValues.Create("0123456789abcdefABCDEF:");

    /// <summary><c>domain-name [":" port]</c>, or an IPv6 address in brackets without a zone.</summary>
    public static bool IsRegistry(ReadOnlySpan<char> text)
    {
        var host = text;
        if (text.StartsWith("["))
        {
            var close = text.IndexOf(']');
            if (close < 2 || text[1..close].ContainsAnyExcept(IPv6Characters) || !IPAddress.TryParse(text[1..close], out _))
            {
                return false;
            }

            return close == text.Length - 1 || (text[close + 1] == ':' && IsPort(text[(close + 2)..]));
        }

        var colon = text.IndexOf(':');
        if (colon >= 0)
        {
            if (!IsPort(text[(colon + 1)..]))
            {
                return false;
            }

            host = text[..colon];
        }

        foreach (var label in host.Split('.'))
        {
            if (!IsDomainLabel(host[label]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary><c>path-component ["/" path-component]*</c>, all lower case.</summary>
    public static bool IsPath(ReadOnlySpan<char> text)
    {
        foreach (var component in text.Split('/'))
        {
            if (!IsPathComponent(text[component]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A word character, then at most 127 word characters, dots and hyphens.</summary>
    public static bool IsTag(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.Length > MaxTagLength || text[0] is '.' or '-')
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsPort(ReadOnlySpan<char> text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static bool IsDomainLabel(ReadOnlySpan<char> label)
    {
        if (label.IsEmpty || label[0] == '-' || label[^1] == '-')
        {
            return false;
        }

        foreach (var c in label)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Runs of lower-case letters and digits, joined by one dot, one or two underscores, or any number of hyphens.</summary>
    private static bool IsPathComponent(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || !IsLowerOrDigit(text[0]) || !IsLowerOrDigit(text[^1]))
        {
            return false;
        }

        var at = 0;
        while (at < text.Length)
        {
            if (IsLowerOrDigit(text[at]))
            {
                at++;
                continue;
            }

            var start = at;
            while (!IsLowerOrDigit(text[at]))
            {
                at++;
            }

            if (!IsSeparator(text[start..at]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsSeparator(ReadOnlySpan<char> text) =>
        text is "." or "_" or "__" || !text.ContainsAnyExcept('-');

    private static bool IsLowerOrDigit(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
}

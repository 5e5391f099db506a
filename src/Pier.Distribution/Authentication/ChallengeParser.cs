namespace Pier.Distribution.Authentication;

/// <summary>
/// Reads <c>WWW-Authenticate</c> values as they occur: several challenges in one header or in several, quoted
/// strings with commas and escapes, odd spacing. What cannot be read is passed over, for a registry may offer
/// schemes that nobody here knows.
/// </summary>
internal static class ChallengeParser
{
    private const int MaxChallenges = 16;
    private const int MaxParameters = 32;
    private const int MaxHeader = 16 * 1024;

    /// <summary>All challenges of all header values, in order.</summary>
    public static IReadOnlyList<Challenge> Parse(IEnumerable<string> values)
    {
        var all = new List<Challenge>();
        foreach (var value in values)
        {
            ParseOne(value, all);
        }

        return all;
    }

    private static void ParseOne(string value, List<Challenge> all)
    {
        var text = value.AsSpan(0, Math.Min(value.Length, MaxHeader));
        Dictionary<string, string>? parameters = null;
        while (true)
        {
            text = text.TrimStart(" \t,");
            var name = TakeToken(ref text);
            if (name.IsEmpty)
            {
                // Neither separator nor token: the rest cannot be trusted to mean anything.
                return;
            }

            var afterSpace = text.TrimStart(" \t");
            if (afterSpace.StartsWith("=") && parameters is not null && !IsToken68Padding(afterSpace))
            {
                text = afterSpace[1..].TrimStart(" \t");
                var parameter = TakeValue(ref text);
                if (parameters.Count < MaxParameters)
                {
                    parameters.TryAdd(name.ToString().ToLowerInvariant(), parameter);
                }
            }
            else if (text.IsEmpty || text[0] is ' ' or '\t' or ',')
            {
                if (all.Count == MaxChallenges)
                {
                    return;
                }

                parameters = new Dictionary<string, string>(StringComparer.Ordinal);
                all.Add(new Challenge(name.ToString().ToLowerInvariant(), parameters));
            }
            else
            {
                // A token68 credential, as Negotiate sends: no parameters, skip to the next comma.
                var comma = text.IndexOf(',');
                text = comma < 0 ? default : text[comma..];
            }
        }
    }

    private static bool IsToken68Padding(ReadOnlySpan<char> text)
    {
        var rest = text.TrimStart('=').TrimStart(" \t");
        return text.Length - text.TrimStart('=').Length > 1 || rest.IsEmpty || rest[0] == ',';
    }

    private static ReadOnlySpan<char> TakeToken(ref ReadOnlySpan<char> text)
    {
        var end = 0;
        while (end < text.Length && IsTokenCharacter(text[end]))
        {
            end++;
        }

        var token = text[..end];
        text = text[end..];
        return token;
    }

    private static string TakeValue(ref ReadOnlySpan<char> text)
    {
        if (!text.StartsWith("\""))
        {
            // Some servers leave URLs unquoted, against the grammar.
            var end = text.IndexOfAny(',', ' ', '\t');
            var bare = end < 0 ? text : text[..end];
            text = text[bare.Length..];
            return bare.ToString();
        }

        var value = new System.Text.StringBuilder();
        var at = 1;
        while (at < text.Length && text[at] != '"')
        {
            at += text[at] == '\\' && at + 1 < text.Length ? 1 : 0;
            value.Append(text[at++]);
        }

        text = at < text.Length ? text[(at + 1)..] : default;
        return value.ToString();
    }

    /// <summary>RFC 9110 §5.6.2; '/', '~' and '+' so that a token68 stays in one piece.</summary>
    private static bool IsTokenCharacter(char c) =>
        char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~/".Contains(c, StringComparison.Ordinal);
}

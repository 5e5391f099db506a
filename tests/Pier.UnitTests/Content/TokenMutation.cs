namespace Pier.UnitTests.Content;

/// <summary>
/// Structure-aware mutation of a text: cuts it at its separators and drops, repeats, swaps, replaces or splices whole
/// tokens, now and then a single character. Always the same sequence for the same seed.
/// </summary>
internal sealed class TokenMutation(int seed, string separators, IReadOnlyList<string> dictionary)
{
    private readonly Random _random = new(seed);

    /// <summary>A mutant of one of the seeds, by one to four changes.</summary>
    public string Next(IReadOnlyList<string> seeds)
    {
        var tokens = Tokens(Any(seeds));
        var changes = _random.Next(1, 5);
        for (var i = 0; i < changes; i++)
        {
            Change(tokens, seeds);
        }

        return string.Concat(tokens);
    }

    private void Change(List<string> tokens, IReadOnlyList<string> seeds)
    {
        var at = tokens.Count == 0 ? 0 : _random.Next(tokens.Count);
        switch (tokens.Count == 0 ? 0 : _random.Next(8))
        {
            case 0:
                tokens.Insert(at, Any(dictionary));
                break;
            case 1:
                tokens.RemoveAt(at);
                break;
            case 2:
                tokens.Insert(at, tokens[at]);
                break;
            case 3:
                var other = _random.Next(tokens.Count);
                (tokens[at], tokens[other]) = (tokens[other], tokens[at]);
                break;
            case 4:
                tokens[at] = Any(dictionary);
                break;
            case 5:
                var donor = Tokens(Any(seeds));
                tokens.InsertRange(at, donor.Skip(_random.Next(donor.Count)).Take(12));
                break;
            case 6:
                tokens.RemoveRange(at, tokens.Count - at);
                break;
            default:
                tokens[at] = FlipOne(tokens[at]);
                break;
        }
    }

    private string FlipOne(string token)
    {
        var characters = token.Length == 0 ? ['x'] : token.ToCharArray();
        characters[_random.Next(characters.Length)] = (char)_random.Next(_random.Next(4) == 0 ? 0x10000 : 0x80);
        return new string(characters);
    }

    private List<string> Tokens(string text)
    {
        var tokens = new List<string>();
        var start = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (separators.Contains(text[at], StringComparison.Ordinal))
            {
                if (at > start)
                {
                    tokens.Add(text[start..at]);
                }

                tokens.Add(text[at].ToString());
                start = at + 1;
            }
        }

        if (start < text.Length)
        {
            tokens.Add(text[start..]);
        }

        return tokens;
    }

    private string Any(IReadOnlyList<string> choices) => choices[_random.Next(choices.Count)];
}

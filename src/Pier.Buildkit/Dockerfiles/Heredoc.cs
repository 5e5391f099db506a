using System.Text;

namespace Pier.Buildkit.Dockerfiles;

/// <summary>A here-document that an instruction announces: <c>&lt;&lt;NAME</c>, <c>&lt;&lt;-NAME</c>, quoted or not.</summary>
/// <param name="Name">The line that ends it.</param>
/// <param name="StripsTabs">Tabs before that line do not count.</param>
internal sealed record Heredoc(string Name, bool StripsTabs)
{
    private static readonly string[] Bearers = ["add", "copy", "run"];

    /// <summary>The here-documents of an instruction in the order of their bodies; none for those that cannot bear any.</summary>
    public static IEnumerable<Heredoc> In(DockerfileInstruction instruction)
    {
        if (!instruction.Text.Contains("<<", StringComparison.Ordinal))
        {
            return [];
        }

        // ONBUILD RUN <<EOF bears one too.
        var bearer = instruction.Is("onbuild") ? instruction with { Text = instruction.Arguments } : instruction;
        return Array.Exists(Bearers, bearer.Is) && !JsonWords.TryRead(bearer.Arguments, out _)
            ? Words(instruction.Text).Select(Read).OfType<Heredoc>()
            : [];
    }

    private static Heredoc? Read(string word)
    {
        var at = 0;
        while (at < word.Length && char.IsAsciiDigit(word[at]))
        {
            at++;
        }

        if (!word.AsSpan(at).StartsWith("<<"))
        {
            return null;
        }

        var strips = word.AsSpan(at + 2).StartsWith("-");
        var rest = word[(at + (strips ? 3 : 2))..];
        var name = Unquote(rest);
        return name.Length == 0 || rest.Contains('<', StringComparison.Ordinal) ? null : new Heredoc(name, strips);
    }

    /// <summary>
    /// Words as a shell cuts them, quotes and escapes left in; they always mean the backslash here. None when a quote is left
    /// open, as in <c>RUN echo don't</c>: BuildKit then sees no here-document either.
    /// </summary>
    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quote = '\0';
        for (var at = 0; at <= text.Length; at++)
        {
            var c = at < text.Length ? text[at] : ' ';
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (word.Length > 0)
                {
                    words.Add(word.ToString());
                    word.Clear();
                }

                continue;
            }

            word.Append(c);
            if (c == '\\' && quote != '\'' && at + 1 < text.Length)
            {
                word.Append(text[++at]);
            }
            else if (c is '"' or '\'' && (quote == '\0' || quote == c))
            {
                quote = quote == '\0' ? c : '\0';
            }
        }

        return quote == '\0' ? words : [];
    }

    private static string Unquote(string word)
    {
        var plain = new StringBuilder(word.Length);
        var quote = '\0';
        for (var at = 0; at < word.Length; at++)
        {
            var c = word[at];
            if (c is '"' or '\'' && (quote == '\0' || quote == c))
            {
                quote = quote == '\0' ? c : '\0';
            }
            else if (c == '\\' && quote != '\'' && at + 1 < word.Length)
            {
                plain.Append(word[++at]);
            }
            else
            {
                plain.Append(c);
            }
        }

        return plain.ToString();
    }
}

using System.Text;

namespace Pier.Buildkit.Dockerfiles;

/// <summary>
/// Reads PIER instructions. Flags and words are cut as BuildKit cuts those of ADD: quotes count in flags, white space alone
/// separates words unless they have the JSON form.
/// </summary>
public static class PierParser
{
    private const string Usage = "PIER [--checksum=sha256:…] [--unpack] [--chown=…] [--chmod=…] [--include=GLOB…] [--serve[=bittorrent|false]] SOURCE [SOURCE…] DEST";

    /// <summary>True for instructions that this parser reads.</summary>
    public static bool IsPier(DockerfileInstruction instruction)
    {
        ArgumentNullException.ThrowIfNull(instruction);
        return instruction.Is(PierInstruction.Name);
    }

    /// <summary>True for <c>ONBUILD PIER</c>, which cannot work: the image that runs it need not know PIER.</summary>
    public static bool IsOnBuild(DockerfileInstruction instruction)
    {
        ArgumentNullException.ThrowIfNull(instruction);
        return instruction.Is("onbuild") && (instruction with { Text = instruction.Arguments }).Is(PierInstruction.Name);
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="DockerfileException">It is no PIER instruction as the usage says; names what is wrong.</exception>
    public static PierInstruction Parse(DockerfileInstruction instruction)
    {
        ArgumentNullException.ThrowIfNull(instruction);
        var arguments = instruction.Arguments;
        var flags = CutFlags(arguments, out var rest);
        var isJson = JsonWords.TryRead(rest, out var json);
        var words = isJson ? json : rest.Split([' ', '\t', '\v', '\f', '\r'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Count < 2)
        {
            throw Fault(instruction, words.Count == 0 ? "no source and no destination" : "a source and a destination are needed, there is only one word");
        }

        var (copy, content) = Sort(instruction, flags);
        if (content.Any(flag => flag is PierInstruction.ServeFlag or PierInstruction.ServeFlag + "=bittorrent")
            && content.FirstOrDefault(flag => flag.StartsWith("--unpack", StringComparison.Ordinal) || flag.StartsWith("--include", StringComparison.Ordinal)) is { } spoils)
        {
            throw Fault(instruction, $"{spoils} does not go with --serve: an image can serve only what it holds whole and as it came");
        }

        return new PierInstruction(instruction.Line, instruction.EndLine)
        {
            CopyFlags = copy,
            ContentFlags = content,
            Sources = [.. words.Take(words.Count - 1)],
            Destination = words[^1],
            IsJson = isJson,
        };
    }

    private static (IReadOnlyList<string> Copy, IReadOnlyList<string> Content) Sort(DockerfileInstruction instruction, List<string> flags)
    {
        var (copy, content) = (new List<string>(), new List<string>());
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var flag in flags)
        {
            var equals = flag.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? flag : flag[..equals];
            if (name != "--include" && !seen.Add(name))
            {
                throw Fault(instruction, $"{name} is there twice");
            }

            switch (name)
            {
                case "--chown" or "--chmod" when equals > 0 && IsPlain(flag):
                    copy.Add(flag);
                    break;
                case "--checksum" or "--include" when equals > 0 && flag.Length > equals + 1:
                    content.Add(flag);
                    break;
                case "--unpack" when flag is "--unpack" or "--unpack=true":
                    content.Add("--unpack");
                    break;
                case "--unpack" when flag is "--unpack=false":
                    break;
                case PierInstruction.ServeFlag when flag[PierInstruction.ServeFlag.Length..] is "" or "=true" or "=false" or "=bittorrent":
                    content.Add(flag.EndsWith("=true", StringComparison.Ordinal) ? PierInstruction.ServeFlag : flag);
                    break;
                case "--chown" or "--chmod" or "--checksum" or "--include" or "--unpack" or PierInstruction.ServeFlag:
                    throw Fault(instruction, $"'{flag}' has no value that fits");
                default:
                    throw Fault(instruction, $"there is no flag {name}");
            }
        }

        return (copy, content);
    }

    /// <summary>Goes unchanged into an ADD: nothing in it may be cut or unescaped a second time.</summary>
    private static bool IsPlain(string flag) => !flag.AsSpan().ContainsAny("\"'\\ \t") && !flag.EndsWith('=');

    /// <summary>The flags before the first word that is none, quotes and escapes resolved.</summary>
    private static List<string> CutFlags(string arguments, out string rest)
    {
        var flags = new List<string>();
        var at = 0;
        while (true)
        {
            while (at < arguments.Length && char.IsWhiteSpace(arguments[at]))
            {
                at++;
            }

            if (!arguments.AsSpan(at).StartsWith("--"))
            {
                break;
            }

            var flag = CutFlag(arguments, ref at);
            if (flag == "--")
            {
                break;
            }

            flags.Add(flag);
        }

        rest = arguments[at..].Trim();
        return flags;
    }

    private static string CutFlag(string arguments, ref int at)
    {
        var word = new StringBuilder();
        var quote = '\0';
        for (; at < arguments.Length; at++)
        {
            var c = arguments[at];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                break;
            }

            if (c is '"' or '\'' && (quote == '\0' || quote == c))
            {
                quote = quote == '\0' ? c : '\0';
            }
            else if (c != '\\')
            {
                word.Append(c);
            }
            else if (at + 1 < arguments.Length)
            {
                word.Append(arguments[++at]);
            }
        }

        return word.ToString();
    }

    private static DockerfileException Fault(DockerfileInstruction instruction, string what) =>
        new(instruction.Line, instruction.EndLine, $"{what}. Usage: {Usage}");
}

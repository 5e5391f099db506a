using System.Buffers;

namespace Pier.Buildkit.Dockerfiles;

/// <summary>
/// Cuts a Dockerfile into instructions exactly where BuildKit's own parser does (frontend/dockerfile/parser): parser
/// directives, continued lines, comments and empty lines within them, here-documents. It judges no instruction.
/// </summary>
public sealed class DockerfileScanner
{
    /// <summary>Most bytes of a Dockerfile, in characters; BuildKit's messages end at four million bytes.</summary>
    public const int MaxLength = 2 << 20;

    /// <summary>What separates words: tab, vertical tab, form feed, carriage return, space.</summary>
    internal static readonly SearchValues<char> Blanks = SearchValues.Create("\t\v\f\r ");

    private readonly DockerfileDialect _dialect;
    private readonly string[] _lines;
    private readonly HashSet<string> _directives = new(StringComparer.Ordinal);
    private char _escape = '\\';
    private bool _directivesEnded;
    private int _next;

    private DockerfileScanner(string text, DockerfileDialect dialect)
    {
        _dialect = dialect;
        _lines = text.Split('\n');
        if (_lines[0].StartsWith('\ufeff'))
        {
            _lines[0] = _lines[0][1..];
        }
    }

    /// <summary>The character that continues a line: a backslash, or what <c># escape=</c> said.</summary>
    public char Escape => _escape;

    /// <summary>Reads all instructions.</summary>
    /// <exception cref="DockerfileException">A directive that BuildKit refuses too, an endless here-document, or a file too long.</exception>
    public static IReadOnlyList<DockerfileInstruction> Scan(string text, DockerfileDialect dialect)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(dialect);
        if (text.Length > MaxLength)
        {
            throw new DockerfileException(0, 0, $"The Dockerfile has {text.Length} characters; at most {MaxLength} are read.");
        }

        var scanner = new DockerfileScanner(text, dialect);
        var found = new List<DockerfileInstruction>();
        while (scanner.Next() is { } instruction)
        {
            found.Add(instruction);
        }

        return found;
    }

    private DockerfileInstruction? Next()
    {
        while (_next < _lines.Length)
        {
            var line = _next + 1;
            var (part, ends) = Continue(WithoutComment(Directive(Physical().TrimStart())));
            if (ends && part.Length == 0)
            {
                continue;
            }

            var parts = new List<string> { part };
            while (!ends && _next < _lines.Length)
            {
                var physical = Physical();
                var isComment = physical.TrimStart().StartsWith('#');
                if (!isComment && physical.Trim().Length > 0)
                {
                    (part, ends) = Continue(physical);
                    parts.Add(part);
                }
                else
                {
                    // Directives end at the first line that is none, wherever it stands.
                    _directivesEnded = true;
                }
            }

            var text = string.Concat(parts).Trim();
            if (text.Length > 0)
            {
                var instruction = new DockerfileInstruction(text, line, _next);
                SkipHeredocs(instruction);
                return instruction;
            }
        }

        return null;
    }

    private string Physical() => _lines[_next++].TrimEnd('\r');

    private static string WithoutComment(string line) => line.StartsWith('#') ? "" : line;

    /// <summary>Notes a parser directive; the first line that is none ends them.</summary>
    private string Directive(string line)
    {
        if (_directivesEnded)
        {
            return line;
        }

        if (!line.StartsWith('#') || !TryReadDirective(line[1..], out var name, out var value))
        {
            _directivesEnded = true;
            return line;
        }

        if (!_directives.Add(name))
        {
            throw new DockerfileException(_next, _next, $"only one {name} parser directive can be used");
        }

        if (name == "escape")
        {
            _escape = value is "`" or "\\"
                ? value[0]
                : throw new DockerfileException(_next, _next, $"invalid ESCAPE token '{value}': it is ` or \\");
        }

        return line;
    }

    private static bool TryReadDirective(string text, out string name, out string value)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        name = equals < 0 ? "" : text[..equals].Trim().ToLowerInvariant();
        value = equals < 0 ? "" : text[(equals + 1)..].Trim();
        return name.Length > 0 && value.Length > 0 && char.IsAsciiLetter(name[0]) && name.All(char.IsAsciiLetterOrDigit);
    }

    /// <summary>A line without the character that continues it, which does not when it is doubled; and whether the instruction ends here.</summary>
    private (string Part, bool Ends) Continue(string line)
    {
        var end = line.AsSpan().TrimEnd(" \t").Length;
        var continues = end > 0 && line[end - 1] == _escape && !(end > 1 && line[end - 2] == _escape);
        return continues ? (line[..(end - 1)], false) : (line, true);
    }

    private void SkipHeredocs(DockerfileInstruction instruction)
    {
        if (!_dialect.Heredocs)
        {
            return;
        }

        foreach (var document in Heredoc.In(instruction))
        {
            while (true)
            {
                if (_next >= _lines.Length)
                {
                    throw new DockerfileException(instruction.Line, instruction.EndLine, $"unterminated heredoc: no line '{document.Name}' follows");
                }

                var line = Physical();
                if ((document.StripsTabs ? line.TrimStart('\t') : line) == document.Name)
                {
                    break;
                }
            }
        }
    }
}

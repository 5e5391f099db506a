namespace Pier.Buildkit.Dockerfiles;

/// <summary>A Dockerfile whose PIER lines have become markers that BuildKit's own frontend understands, line for line.</summary>
/// <param name="Text">The rewritten Dockerfile; every line has the number that it had.</param>
/// <param name="Instructions">Its PIER instructions, by the number in their markers.</param>
public sealed record DockerfilePlan(string Text, IReadOnlyList<PierInstruction> Instructions)
{
    /// <summary>Most PIER lines of one Dockerfile.</summary>
    public const int MaxInstructions = 256;

    /// <summary>Makes the plan.</summary>
    /// <exception cref="DockerfileException">A line cannot be carried out; says which and why.</exception>
    public static DockerfilePlan Of(string text, DockerfileDialect dialect)
    {
        var found = new List<PierInstruction>();
        foreach (var instruction in DockerfileScanner.Scan(text, dialect))
        {
            if (PierParser.IsOnBuild(instruction))
            {
                throw new DockerfileException(
                    instruction.Line, instruction.EndLine, "ONBUILD PIER cannot work: whoever builds from the image need not use pier/frontend. Write PIER into that Dockerfile.");
            }

            if (PierParser.IsPier(instruction))
            {
                found.Add(PierParser.Parse(instruction));
            }
        }

        if (found.Count > MaxInstructions)
        {
            throw new DockerfileException(found[MaxInstructions].Line, found[MaxInstructions].EndLine, $"a Dockerfile has at most {MaxInstructions} PIER lines");
        }

        return new DockerfilePlan(found.Count == 0 ? text : Rewrite(text, found), found);
    }

    private static string Rewrite(string text, List<PierInstruction> found)
    {
        var lines = text.Split('\n');
        for (var number = 0; number < found.Count; number++)
        {
            var instruction = found[number];
            string marker = SourceMarker.Write(number, [.. instruction.ContentFlags, .. instruction.Sources]);
            // The form that was written is the one that output and history show; '<' must not become a here-document.
            var words = instruction.IsJson || instruction.Destination.Contains('<', StringComparison.Ordinal)
                ? JsonWords.Write([marker, instruction.Destination])
                : $"{marker} {instruction.Destination}";
            lines[instruction.Line - 1] = string.Join(' ', ["ADD", .. instruction.CopyFlags, words]);
            lines.AsSpan(instruction.Line, instruction.EndLine - instruction.Line).Fill("");
        }

        return string.Join('\n', lines);
    }
}

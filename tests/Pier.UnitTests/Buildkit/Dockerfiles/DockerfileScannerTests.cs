using Pier.Buildkit.Dockerfiles;

namespace Pier.UnitTests.Buildkit.Dockerfiles;

/// <summary>Instructions are cut where BuildKit's parser cuts them; expectations were read off its own results.</summary>
public sealed class DockerfileScannerTests
{
    [Theory]
    [InlineData("FROM a\nPIER b c\n", "1-1 FROM a", "2-2 PIER b c")]
    [InlineData("FROM a\r\nRUN b\r\n", "1-1 FROM a", "2-2 RUN b")]
    [InlineData("\ufeff# syntax=x\nFROM a", "2-2 FROM a")]
    [InlineData("  \n\n   FROM a  \n", "3-3 FROM a")]
    [InlineData("FROM a\n# PIER b c\n  # PIER d e\nRUN f", "1-1 FROM a", "4-4 RUN f")]
    [InlineData("FROM a\nPIER b \\\n  c \\\n  d\nRUN e", "1-1 FROM a", "2-4 PIER b   c   d", "5-5 RUN e")]
    [InlineData("FROM a\nPIER b \\\n# between\n\n  # indented\n  c\nRUN e", "1-1 FROM a", "2-6 PIER b   c", "7-7 RUN e")]
    [InlineData("FROM a\nPIER b \\   \n c", "1-1 FROM a", "2-3 PIER b  c")]
    [InlineData("FROM a\nPIER b c \\", "1-1 FROM a", "2-2 PIER b c")]
    [InlineData("FROM a\nPIER b c \\\n# last", "1-1 FROM a", "2-3 PIER b c")]
    [InlineData("FROM a\n\\\nPIER b c", "1-1 FROM a", "2-3 PIER b c")]
    [InlineData("FROM a\nRUN echo \\\nPIER b c", "1-1 FROM a", "2-3 RUN echo PIER b c")]
    [InlineData("FROM a\nRUN echo ` \nPIER b c", "1-1 FROM a", "2-2 RUN echo `", "3-3 PIER b c")]
    [InlineData("# escape=`\nFROM a\nPIER b `\n c\nRUN d \\\nRUN e", "2-2 FROM a", "3-4 PIER b  c", "5-5 RUN d \\", "6-6 RUN e")]
    [InlineData("# syntax=x\n#ESCAPE = `\nFROM a\nRUN b `\n c", "3-3 FROM a", "4-5 RUN b  c")]
    [InlineData("# hello\n# escape=`\nFROM a\nRUN b `\nRUN c", "3-3 FROM a", "4-4 RUN b `", "5-5 RUN c")]
    [InlineData("\n# escape=`\nFROM a\nRUN b `\nRUN c", "3-3 FROM a", "4-4 RUN b `", "5-5 RUN c")]
    [InlineData("#=`\n#1a=b\nFROM a", "3-3 FROM a")]
    [InlineData("", new string[0])]
    [InlineData("# only\n", new string[0])]
    public void Lines_become_instructions(string text, params string[] expected) => Show(text, DockerfileDialect.Modern).ShouldBe(expected);

    [Theory]
    [InlineData("RUN <<EOF\nPIER b c\nEOF\nPIER d e", "1-1 RUN <<EOF", "4-4 PIER d e")]
    [InlineData("RUN <<-EOF\n\tPIER b c\n\tEOF\nPIER d e", "1-1 RUN <<-EOF", "4-4 PIER d e")]
    [InlineData("RUN <<'E F'\nEOF\nE F\nPIER d e", "1-1 RUN <<'E F'", "4-4 PIER d e")]
    [InlineData("RUN <<\"EOF\"\nPIER b c\nEOF\nPIER d e", "1-1 RUN <<\"EOF\"", "4-4 PIER d e")]
    [InlineData("RUN <<E\\ F\nPIER b c\nE F\nPIER d e", "1-1 RUN <<E\\ F", "4-4 PIER d e")]
    [InlineData("COPY <<A <<B /x/\nA1\nA\nB1\nB\nPIER d e", "1-1 COPY <<A <<B /x/", "6-6 PIER d e")]
    [InlineData("RUN cat 3<<EOF\nx\nEOF\nPIER d e", "1-1 RUN cat 3<<EOF", "4-4 PIER d e")]
    [InlineData("ONBUILD RUN <<EOF\nx\nEOF\nPIER d e", "1-1 ONBUILD RUN <<EOF", "4-4 PIER d e")]
    [InlineData("RUN <<EOF \\\n  && true\nx\nEOF\nPIER d e", "1-2 RUN <<EOF   && true", "5-5 PIER d e")]
    [InlineData("RUN echo $((1<<2))\nPIER d e", "1-1 RUN echo $((1<<2))", "2-2 PIER d e")]
    [InlineData("RUN echo 1 << 2\nPIER d e", "1-1 RUN echo 1 << 2", "2-2 PIER d e")]
    [InlineData("RUN cat <<<EOF\nPIER d e", "1-1 RUN cat <<<EOF", "2-2 PIER d e")]
    [InlineData("RUN echo \"<<EOF\"\nPIER d e", "1-1 RUN echo \"<<EOF\"", "2-2 PIER d e")]
    [InlineData("RUN echo don't <<EOF\nPIER d e", "1-1 RUN echo don't <<EOF", "2-2 PIER d e")]
    [InlineData("RUN [\"cat\", \"<<EOF\"]\nPIER d e", "1-1 RUN [\"cat\", \"<<EOF\"]", "2-2 PIER d e")]
    [InlineData("ENV A=<<EOF\nPIER d e", "1-1 ENV A=<<EOF", "2-2 PIER d e")]
    [InlineData("PIER <<EOF e\nPIER d e", "1-1 PIER <<EOF e", "2-2 PIER d e")]
    [InlineData("RUN <<EOF\r\nPIER b c\r\nEOF\r\nPIER d e", "1-1 RUN <<EOF", "4-4 PIER d e")]
    public void Here_documents_are_no_instructions(string text, params string[] expected) => Show(text, DockerfileDialect.Modern).ShouldBe(expected);

    [Fact]
    public void Old_engines_know_no_here_documents() =>
        Show("RUN <<EOF\nPIER b c", DockerfileDialect.Old).ShouldBe(["1-1 RUN <<EOF", "2-2 PIER b c"]);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_escaped_escape_continues_no_line(bool modern) =>
        Show("RUN a \\\\\nPIER b c", modern ? DockerfileDialect.Modern : DockerfileDialect.Old).ShouldBe(["1-1 RUN a \\\\", "2-2 PIER b c"]);

    [Theory]
    [InlineData("# escape=x\nFROM a", 1, "invalid ESCAPE token 'x'")]
    [InlineData("# escape=`\n# escape=`\nFROM a", 2, "only one escape")]
    [InlineData("FROM a\nRUN <<EOF\nx", 2, "unterminated heredoc")]
    public void What_BuildKit_refuses_is_refused_at_its_line(string text, int line, string message)
    {
        var refused = Should.Throw<DockerfileException>(() => DockerfileScanner.Scan(text, DockerfileDialect.Modern));
        refused.Line.ShouldBe(line);
        refused.Message.ShouldContain(message);
    }

    [Fact]
    public void A_file_without_end_is_refused() =>
        Should.Throw<DockerfileException>(() => DockerfileScanner.Scan(new string('x', DockerfileScanner.MaxLength + 1), DockerfileDialect.Modern)).Message.ShouldContain("at most");

    [Fact]
    public void Words_are_told_from_arguments()
    {
        var instruction = new DockerfileInstruction("pier\ta  b", 1, 1);
        (instruction.Word, instruction.Arguments, instruction.Is("PIER"), instruction.Is("PIE")).ShouldBe(("pier", "a  b", true, false));
        new DockerfileInstruction("FROM", 1, 1).Arguments.ShouldBe("");
    }

    private static string[] Show(string text, DockerfileDialect dialect) =>
        [.. DockerfileScanner.Scan(text, dialect).Select(instruction => $"{instruction.Line}-{instruction.EndLine} {instruction.Text}")];
}

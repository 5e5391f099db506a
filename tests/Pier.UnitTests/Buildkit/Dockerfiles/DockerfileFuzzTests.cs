using Pier.Buildkit.Dockerfiles;
using Pier.UnitTests.Content;

namespace Pier.UnitTests.Buildkit.Dockerfiles;

public sealed class DockerfileFuzzTests
{
    private static readonly string[] Seeds =
    [
        "# syntax=pier/frontend\n# escape=`\nFROM a AS b\nARG C=d\nPIER --checksum=sha256:00 --unpack magnet:?xt=urn:btih:$C `\n  # e\n  /f/\n",
        "FROM a\nRUN <<EOF <<-'B'\nPIER x y\nEOF\n\tB\nPIER [\"a\", \"b c\"]\nONBUILD RUN <<X\nX\n",
        "FROM a\nPIER --include=\"*.txt\" --chown=1:2 http://a/b \\\n\n sha256:00 /c\n",
    ];

    private static readonly string[] Dictionary =
    [
        "PIER ", "pier\t", "ONBUILD ", "RUN ", "<<", "<<-", "EOF", "\\\n", "`\n", "\n", "\r\n", "#", "# escape=", "\"", "'", "[", "]", ",", "--", "--unpack ",
        "--include=", "--chown=", "$", "\ufeff", "\u2028", "\0", "<pier>", "http://pier.invalid/0?",
    ];

    [Fact]
    public void Any_text_is_planned_or_refused_and_keeps_its_lines()
    {
        var mutation = new TokenMutation(20261121, "\n \\<", Dictionary);
        var (planned, refused) = (0, 0);
        for (var i = 0; i < 12_000; i++)
        {
            var text = mutation.Next(Seeds);
            try
            {
                var plan = DockerfilePlan.Of(text, i % 2 == 0 ? DockerfileDialect.Modern : DockerfileDialect.Old);
                planned++;
                plan.Text.Count(c => c == '\n').ShouldBe(text.Count(c => c == '\n'));
                plan.Instructions.ShouldAllBe(instruction => instruction.Sources.Count > 0 && instruction.Line <= instruction.EndLine);
                DockerfileScanner.Scan(plan.Text, DockerfileDialect.Modern).Count(PierParser.IsPier).ShouldBe(
                    plan.Instructions.Count == 0 ? DockerfileScanner.Scan(text, DockerfileDialect.Modern).Count(PierParser.IsPier) : 0);
            }
            catch (DockerfileException fault)
            {
                refused++;
                fault.Message.Length.ShouldBeLessThan(2000);
            }
        }

        planned.ShouldBeGreaterThan(200);
        refused.ShouldBeGreaterThan(200);
    }
}

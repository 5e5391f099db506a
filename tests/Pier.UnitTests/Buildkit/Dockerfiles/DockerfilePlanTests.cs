using Pier.Buildkit.Dockerfiles;

namespace Pier.UnitTests.Buildkit.Dockerfiles;

public sealed class DockerfilePlanTests
{
    [Fact]
    public void PIER_lines_become_markers_and_every_line_keeps_its_number()
    {
        const string dockerfile = "# syntax=pier/frontend\nFROM a\nPIER --chown=1:2 --unpack \\\n  magnet:?xt=$A&dn=b \\\n  \"http://c/d\" \\\n  /e/\nRUN f\nPIER sha256:00 /g";

        var plan = DockerfilePlan.Of(dockerfile, DockerfileDialect.Modern);

        plan.Text.ShouldBe(
            "# syntax=pier/frontend\nFROM a\n"
            + "ADD --chown=1:2 http://pier.invalid/0?--unpack<pier>magnet:?xt=$A&dn=b<pier>\"http://c/d\" /e/\n\n\n\n"
            + "RUN f\nADD http://pier.invalid/1?sha256:00 /g");
        plan.Instructions.Select(instruction => (instruction.Line, instruction.EndLine)).ShouldBe([(3, 6), (8, 8)]);
        plan.Instructions[1].ToString().ShouldBe("PIER sha256:00 /g");
    }

    [Theory]
    [InlineData("PIER [\"a b\", \"c\", \"/d e\"]", "ADD [\"http://pier.invalid/0?a b<pier>c\",\"/d e\"]")]
    [InlineData("PIER a <<EOF", "ADD [\"http://pier.invalid/0?a\",\"<<EOF\"]")]
    public void White_space_and_angle_brackets_need_the_JSON_form(string line, string expected) =>
        DockerfilePlan.Of(line, DockerfileDialect.Modern).Text.ShouldBe(expected);

    [Fact]
    public void Without_PIER_the_text_stays_as_it_is()
    {
        const string dockerfile = "FROM a\r\nRUN <<EOF\nPIER a b\nEOF\n";
        DockerfilePlan.Of(dockerfile, DockerfileDialect.Modern).Text.ShouldBeSameAs(dockerfile);
    }

    [Fact]
    public void ONBUILD_PIER_is_refused_at_its_line()
    {
        var refused = Should.Throw<DockerfileException>(() => DockerfilePlan.Of("FROM a\nONBUILD PIER a b", DockerfileDialect.Modern));
        refused.Line.ShouldBe(2);
        refused.Message.ShouldContain("ONBUILD PIER cannot work");
    }

    [Fact]
    public void Endless_PIER_lines_are_refused()
    {
        var dockerfile = string.Concat(Enumerable.Repeat("PIER a b\n", DockerfilePlan.MaxInstructions + 1));
        Should.Throw<DockerfileException>(() => DockerfilePlan.Of(dockerfile, DockerfileDialect.Modern)).Line.ShouldBe(DockerfilePlan.MaxInstructions + 1);
    }

    [Fact]
    public void Markers_are_read_back()
    {
        var marker = SourceMarker.Write(12, ["--unpack", "magnet:?a=b", "http://c?d"]);

        var (number, words) = SourceMarker.Read(marker).ShouldNotBeNull();
        number.ShouldBe(12);
        words.ShouldBe(["--unpack", "magnet:?a=b", "http://c?d"]);
    }

    [Theory]
    [InlineData("http://example.org/0?a")]
    [InlineData("http://pier.invalid/")]
    [InlineData("http://pier.invalid/x?a")]
    [InlineData("http://pier.invalid/-1?a")]
    [InlineData("http://pier.invalid/99999999999?a")]
    public void Other_addresses_are_no_markers(string address) => SourceMarker.Read(address).ShouldBeNull();

    [Theory]
    [InlineData("ADD http://pier.invalid/0?magnet:x<pier>b /d # buildkit", "PIER magnet:x b /d # buildkit")]
    [InlineData("[stage-1 2/3] ADD --chown=1 [http://pier.invalid/3?a, /d]", "[stage-1 2/3] PIER --chown=1 [a, /d]")]
    [InlineData("ADD a b", "ADD a b")]
    [InlineData("ADD a ADD http://pier.invalid/0?x y", "ADD a PIER x y")]
    [InlineData("ADD http://pier.invalid/0", "ADD http://pier.invalid/0")]
    public void Texts_say_PIER_again(string text, string expected) => SourceMarker.Restore(text).ShouldBe(expected);
}

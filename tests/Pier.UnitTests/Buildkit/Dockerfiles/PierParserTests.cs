using Pier.Buildkit.Dockerfiles;

namespace Pier.UnitTests.Buildkit.Dockerfiles;

public sealed class PierParserTests
{
    [Theory]
    [InlineData("PIER a b", "", "", "a", "b")]
    [InlineData("pier\ta  b\tc", "", "", "a|b", "c")]
    [InlineData("PIER [\"a b\", \"c\", \"/d e/\"]", "", "", "a b|c", "/d e/")]
    [InlineData("PIER [a b", "", "", "[a", "b")]
    [InlineData("PIER --chown=1:2 --chmod=755 a b", "--chown=1:2|--chmod=755", "", "a", "b")]
    [InlineData("PIER --checksum=$SUM --unpack a b", "", "--checksum=$SUM|--unpack", "a", "b")]
    [InlineData("PIER --unpack=true a b", "", "--unpack", "a", "b")]
    [InlineData("PIER --unpack=false a b", "", "", "a", "b")]
    [InlineData("PIER --include=*.txt --include=\"a b\" a b", "", "--include=*.txt|--include=a b", "a", "b")]
    [InlineData("PIER --include='x' --include=a\\ b a b", "", "--include=x|--include=a b", "a", "b")]
    [InlineData("PIER --serve a b", "", "--serve", "a", "b")]
    [InlineData("PIER --serve=true --chown=1 a b", "--chown=1", "--serve", "a", "b")]
    [InlineData("PIER --serve=bittorrent a b", "", "--serve=bittorrent", "a", "b")]
    [InlineData("PIER --serve=false --unpack a b", "", "--serve=false|--unpack", "a", "b")]
    [InlineData("PIER -- a b", "", "", "a", "b")]
    [InlineData("PIER a --b c", "", "", "a|--b", "c")]
    [InlineData("PIER --unpack [\"a\",\"b\"]", "", "--unpack", "a", "b")]
    public void A_line_is_read(string line, string copy, string content, string sources, string destination)
    {
        var read = PierParser.Parse(new DockerfileInstruction(line, 3, 4));

        string.Join('|', read.CopyFlags).ShouldBe(copy);
        string.Join('|', read.ContentFlags).ShouldBe(content);
        string.Join('|', read.Sources).ShouldBe(sources);
        read.Destination.ShouldBe(destination);
        (read.Line, read.EndLine).ShouldBe((3, 4));
    }

    [Theory]
    [InlineData("PIER", "no source and no destination")]
    [InlineData("PIER a", "only one word")]
    [InlineData("PIER []", "no source")]
    [InlineData("PIER --link a b", "there is no flag --link")]
    [InlineData("PIER --serve=ipfs a b", "'--serve=ipfs' has no value that fits")]
    [InlineData("PIER --serve --unpack a b", "--unpack does not go with --serve")]
    [InlineData("PIER --include=x --serve=bittorrent a b", "--include=x does not go with --serve")]
    [InlineData("PIER --checksum a b", "'--checksum' has no value")]
    [InlineData("PIER --checksum= a b", "has no value")]
    [InlineData("PIER --include= a b", "has no value")]
    [InlineData("PIER --chown= a b", "has no value")]
    [InlineData("PIER --chown='a b' a b", "has no value that fits")]
    [InlineData("PIER --unpack=maybe a b", "has no value that fits")]
    [InlineData("PIER --chown=1 --chown=2 a b", "--chown is there twice")]
    [InlineData("PIER --checksum=x\\", "no source")]
    public void Nonsense_is_refused_with_the_usage(string line, string message)
    {
        var refused = Should.Throw<DockerfileException>(() => PierParser.Parse(new DockerfileInstruction(line, 7, 9)));
        refused.Message.ShouldContain(message);
        refused.Message.ShouldContain("Usage: PIER");
        (refused.Line, refused.EndLine).ShouldBe((7, 9));
    }

    [Theory]
    [InlineData("ONBUILD PIER a b", true)]
    [InlineData("onbuild pier a b", true)]
    [InlineData("ONBUILD RUN PIER", false)]
    [InlineData("PIER a b", false)]
    public void ONBUILD_is_noticed(string line, bool expected) => PierParser.IsOnBuild(new DockerfileInstruction(line, 1, 1)).ShouldBe(expected);
}

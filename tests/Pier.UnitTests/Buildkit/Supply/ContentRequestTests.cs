using Pier.Buildkit.Dockerfiles;
using Pier.Buildkit.Supply;
using Pier.Content.Uris;

namespace Pier.UnitTests.Buildkit.Supply;

public sealed class ContentRequestTests
{
    private static readonly string Hex = new('a', 64);

    [Fact]
    public void Expanded_words_become_a_request()
    {
        var request = Read(["--checksum=x", "--include=*"], [$"--checksum=tree:sha256:{Hex}", "--include=*.txt", "http://a/b", "magnet:?xt=urn:btih:" + new string('0', 40)]);

        request.Uris.Count.ShouldBe(2);
        request.Checksum.ShouldNotBeNull().Hex.ShouldBe(Hex);
        (request.IsTree, request.Unpack).ShouldBe((true, false));
        request.Includes.ShouldBe(["*.txt"]);
    }

    [Fact]
    public void A_digest_among_the_sources_is_the_checksum_of_all() =>
        Read([], ["http://a/b", $"sha256:{Hex}"]).Checksum.ShouldNotBeNull().Hex.ShouldBe(Hex);

    [Theory]
    [InlineData("", "a source is empty")]
    [InlineData("nothing", "is not a content URI")]
    [InlineData("http://169.254.169.254/x", "metadata address")]
    public void A_source_that_is_none_is_refused_at_its_line(string source, string message)
    {
        var refused = Should.Throw<DockerfileException>(() => Read([], [source]));
        refused.Message.ShouldContain(message);
        refused.Line.ShouldBe(5);
    }

    [Theory]
    [InlineData("--checksum=md5:00", "64 lower-case hex digits")]
    [InlineData("--checksum=sha512:00", "64 lower-case hex digits")]
    public void A_checksum_that_is_none_is_refused(string flag, string message) =>
        Should.Throw<DockerfileException>(() => Read([flag], [flag, "http://a/b"])).Message.ShouldContain(message);

    [Fact]
    public void Unpacking_is_for_one_file() =>
        Should.Throw<DockerfileException>(() => Read(["--unpack", "--include=x"], ["--unpack", "--include=x", "http://a/b"])).Message.ShouldContain("--unpack is for archives");

    [Theory]
    [InlineData("http://a/b/c%20d", "c d")]
    [InlineData("http://a/", "data")]
    [InlineData("http://a/..%2f..", "data")]
    [InlineData("http://a/b.torrent", "b")]
    [InlineData("magnet:?xt=urn:btih:0000000000000000000000000000000000000000&dn=a+b%21", "a b!")]
    [InlineData("magnet:?xt=urn:btih:0000000000000000000000000000000000000000&dn=..", "data")]
    [InlineData("magnet:?xt=urn:btih:0000000000000000000000000000000000000000", "data")]
    [InlineData("oci://a.b/c!/etc/os-release", "os-release")]
    [InlineData("oci://a.b/c", "data")]
    [InlineData("http://a/.torrent", "data")]
    [InlineData("http://a/B.TORRENT", "B")]
    [InlineData("ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi", "data")]
    [InlineData("ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/a/b", "b")]
    [InlineData("ipns://example.org", "data")]
    [InlineData("ipns://example.org/a/b/", "b")]
    [InlineData("sha256:0000000000000000000000000000000000000000000000000000000000000000", "0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("aria2c:http://a/b", "data")]
    public void A_name_is_guessed_from_the_source(string uri, string name) => SourceNames.Guess(ContentUri.Parse(uri)).ShouldBe(name);

    private static ContentRequest Read(string[] flags, string[] words) => ContentRequest.Read(
        new PierInstruction(5, 5) { CopyFlags = [], ContentFlags = flags, Sources = ["x"], Destination = "/d" }, words);
}

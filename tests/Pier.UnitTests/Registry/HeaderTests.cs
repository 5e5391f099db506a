using Microsoft.Extensions.Primitives;
using Pier.Content;
using Pier.Registry.Bodies;
using Pier.Registry.Endpoints;
using Pier.Registry.Routing;

namespace Pier.UnitTests.Registry;

public sealed class HeaderTests
{
    private const string Manifest = "application/vnd.oci.image.manifest.v1+json";

    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=2-4", 2, 3)]
    [InlineData("bytes=2-", 2, 8)]
    [InlineData("bytes=2-99", 2, 8)]
    [InlineData("bytes=9-9", 9, 1)]
    [InlineData("bytes=-3", 7, 3)]
    [InlineData("bytes=-99", 0, 10)]
    [InlineData("bytes=-99999999999999999999", 0, 10)]
    [InlineData("BYTES= 2 - 4 ", 2, 3)]
    [InlineData("bytes=0-99999999999999999999", 0, 10)]
    public void A_single_range_is_cut_to_the_blob(string header, long offset, long length) =>
        RequestedRange.Parse(header, 10).ShouldBe(new RequestedRange(new ByteRange(offset, length), IsSatisfiable: true));

    [Theory]
    [InlineData("bytes=10-")]
    [InlineData("bytes=10-12")]
    [InlineData("bytes=99999999999999999999-")]
    [InlineData("bytes=-0")]
    public void A_range_beyond_the_end_cannot_be_met(string header) => RequestedRange.Parse(header, 10).IsSatisfiable.ShouldBeFalse();

    [Theory]
    [InlineData("items=0-1")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("bytes=4-2")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=+1-2")]
    [InlineData("bytes=0-1,3-4")]
    [InlineData("bytes 0-1")]
    public void Other_ranges_mean_the_whole(string header) => RequestedRange.Parse(header, 10).ShouldBe(new RequestedRange(null, IsSatisfiable: true));

    [Theory]
    [InlineData("bytes=0-")]
    [InlineData("bytes=-5")]
    public void An_empty_blob_has_no_ranges(string header) => RequestedRange.Parse(header, 0).IsSatisfiable.ShouldBeFalse();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Any_text_is_a_range_within_the_blob_or_none(int seed)
    {
        const string Alphabet = "bytes=-,0123456789 \0é";
        var random = new Random(seed);
        for (var i = 0; i < 50_000; i++)
        {
            var text = "bytes=" + string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            if (RequestedRange.Parse(text, 1000).Part is { } part)
            {
                part.Offset.ShouldBeGreaterThanOrEqualTo(0);
                part.Length.ShouldBeGreaterThan(0);
                part.End.ShouldBeLessThanOrEqualTo(1000);
            }
        }
    }

    [Fact]
    public void Six_accept_lines_count_as_one_in_any_order()
    {
        var lines = new StringValues([
            "application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.distribution.manifest.list.v2+json",
            "application/vnd.oci.image.index.v1+json", Manifest, "application/vnd.docker.distribution.manifest.v1+prettyjws", "application/json"]);

        AcceptHeader.Takes(lines, Manifest).ShouldBeTrue();
        AcceptHeader.Takes(lines, "application/vnd.other").ShouldBeFalse();
    }

    [Theory]
    [InlineData("application/x, application/vnd.oci.image.manifest.v1+json;q=0.5", true)]
    [InlineData("application/x, */*", true)]
    [InlineData("application/*", true)]
    [InlineData("APPLICATION/VND.OCI.IMAGE.MANIFEST.V1+JSON", true)]
    [InlineData("", true)]
    [InlineData("text/*", false)]
    [InlineData("application/x", false)]
    public void One_line_may_name_several_types(string line, bool takes) => AcceptHeader.Takes(line, Manifest).ShouldBe(takes);

    [Theory]
    [InlineData("registry-1.docker.io did not answer", "299 - \"registry-1.docker.io did not answer\"")]
    [InlineData("a \"b\" \\ c\r\nX: y é", "299 - \"a \\\"b\\\" \\\\ c??X: y ?\"")]
    public void A_warning_is_quoted(string text, string header) => WarningHeader.Format(text).ShouldBe(header);

    [Fact]
    public void A_warning_is_no_longer_than_allowed() => WarningHeader.Format(new string('"', 9000)).Length.ShouldBeLessThanOrEqualTo(4096);
}

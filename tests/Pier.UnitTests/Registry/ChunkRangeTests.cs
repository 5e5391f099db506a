using Microsoft.AspNetCore.Http;
using Pier.Registry.Errors;
using Pier.Registry.Local;

namespace Pier.UnitTests.Registry;

public sealed class ChunkRangeTests
{
    [Theory]
    [InlineData("0-0", null, 0, 1)]
    [InlineData("0-1023", 1024L, 0, 1024)]
    [InlineData("10-19", 10L, 10, 10)]
    [InlineData("9223372036854775806-9223372036854775806", null, long.MaxValue - 1, 1)]
    public void Both_ends_are_included(string header, long? length, long start, long expected) => Of(header, length).ShouldBe(new ChunkRange(start, expected));

    [Fact]
    public void Without_a_header_the_next_bytes_are_meant() => Of(null, 10).ShouldBeNull();

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("0")]
    [InlineData("0-")]
    [InlineData("-5")]
    [InlineData("5-4")]
    [InlineData("0-5-9")]
    [InlineData("bytes 0-5/6")]
    [InlineData("+0-5")]
    [InlineData("0 - 5")]
    [InlineData("0x0-5")]
    [InlineData("٠-٥")]
    [InlineData("0-9223372036854775807")]
    [InlineData("0-99999999999999999999")]
    public void What_is_no_range_is_400(string header) => Refused(header, null).Code.ShouldBe("BLOB_UPLOAD_INVALID");

    [Theory]
    [InlineData("0-9", 9L)]
    [InlineData("0-9", 11L)]
    [InlineData("0-9", 0L)]
    public void Range_and_length_agree(string header, long length) => Refused(header, length).Code.ShouldBe("SIZE_INVALID");

    private static RegistryRefusal Refused(string header, long? length)
    {
        var refusal = Should.Throw<RegistryRefusal>(() => Of(header, length));
        refusal.Status.ShouldBe(400);
        return refusal;
    }

    private static ChunkRange? Of(string? header, long? length)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.ContentRange = header;
        request.ContentLength = length;
        return ChunkRange.Of(request);
    }
}

using System.Net.Http.Headers;
using Pier.Content;

namespace Pier.InteropTests.Conformance;

/// <summary>OCI distribution-spec v1.1, "Pushing a blob in chunks".</summary>
public sealed class ChunkedPushChecks(Registries registries) : ConformanceSetting(registries)
{
    private const string IgnoresRanges = "2.8 ignores Content-Range";

    private static readonly (string, string) Bytes = ("Content-Type", "application/octet-stream");

    [Theory, OnEveryRegistry]
    public Task Chunks_then_an_empty_PUT(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var content = Documents.Random(3000);
        var location = await registry.StartUploadAsync();
        for (var start = 0; start < content.Length; start += 1000)
        {
            var accepted = (await registry.PatchAsync(location, content[start..(start + 1000)], start)).Is(202);
            accepted["Range"].ShouldBe($"0-{start + 999}");
            location = accepted["Location"].ShouldNotBeNull();
        }

        await FinishAsync(registry, location, content, []);
    });

    [Theory, OnEveryRegistry]
    public Task Chunks_named_in_sha512(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var content = Documents.Random(3000);
        var digest = Digest.Compute(content, DigestAlgorithm.Sha512);
        var location = await registry.StartUploadAsync("?digest-algorithm=sha512");
        location = (await registry.PatchAsync(location, content[..2000], 0)).Is(202)["Location"].ShouldNotBeNull();

        (await registry.SendAsync(
            HttpMethod.Put, RegistryUnderTest.With(location, $"digest={digest}"), content[2000..], Bytes, ("Content-Range", "2000-2999"))).Is(201);

        (await registry.GetAsync(registry.At($"blobs/{digest}"))).Is(200).Body.ShouldBe(content);
    });

    [Theory, OnEveryRegistry]
    public Task The_last_chunk_in_the_PUT(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var content = Documents.Random(2000);
        var location = await registry.StartUploadAsync();
        location = (await registry.PatchAsync(location, content[..1500], 0)).Is(202)["Location"].ShouldNotBeNull();

        await FinishAsync(registry, location, content, content[1500..], ("Content-Range", "1500-1999"));
    });

    [Theory, OnEveryRegistry]
    public Task One_stream_without_length_or_range(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var content = Documents.Random(200_000);
        var location = await registry.StartUploadAsync();
        using var request = new HttpRequestMessage(HttpMethod.Patch, new Uri(registry.Http.BaseAddress!, location))
        {
            Content = new StreamContent(new MemoryStream(content)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        request.Headers.TransferEncodingChunked = true;

        var accepted = (await registry.SendAsync(request)).Is(202);

        accepted["Range"].ShouldBe("0-199999");
        await FinishAsync(registry, accepted["Location"]!, content, []);
    });

    [Theory, OnEveryRegistry(Deviation = IgnoresRanges)]
    public Task A_chunk_out_of_order_is_416_and_the_status_tells_where_to_go_on(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var content = Documents.Random(3000);
        var location = await registry.StartUploadAsync();
        location = (await registry.PatchAsync(location, content[..1000], 0)).Is(202)["Location"].ShouldNotBeNull();

        foreach (var start in (int[])[0, 500, 2000])
        {
            (await registry.PatchAsync(location, content[start..(start + 1000)], start)).Is(416);
            var status = (await registry.GetAsync(location)).Is(204);
            status["Range"].ShouldBe("0-999");
            location = status["Location"].ShouldNotBeNull();
        }

        location = (await registry.PatchAsync(location, content[1000..], 1000)).Is(202)["Location"].ShouldNotBeNull();
        await FinishAsync(registry, location, content, []);
    });

    [Theory, OnEveryRegistry(Deviation = IgnoresRanges)]
    public Task The_first_chunk_begins_at_0(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var location = await registry.StartUploadAsync();

        (await registry.PatchAsync(location, Documents.Random(10), 1)).Is(416);

        (await registry.GetAsync(location)).Is(204)["Range"].ShouldBe("0-0");
    });

    [Theory, OnEveryRegistry(Deviation = IgnoresRanges)]
    public Task The_last_chunk_out_of_order_is_416_too(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var content = Documents.Random(2000);
        var location = await registry.StartUploadAsync();
        location = (await registry.PatchAsync(location, content[..1000], 0)).Is(202)["Location"].ShouldNotBeNull();
        var put = RegistryUnderTest.With(location, $"digest={Digest.Compute(content)}");

        (await registry.SendAsync(HttpMethod.Put, put, content[500..1500], Bytes, ("Content-Range", "500-1499"))).Is(416);

        await FinishAsync(registry, location, content, content[1000..], ("Content-Range", "1000-1999"));
    });

    [Theory, OnEveryRegistry(Deviation = IgnoresRanges)]
    public Task A_range_of_another_length_than_the_body_is_400(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var location = await registry.StartUploadAsync();

        (await registry.SendAsync(HttpMethod.Patch, location, Documents.Random(10), Bytes, ("Content-Range", "0-10"))).IsError(400, "SIZE_INVALID");
        (await registry.SendAsync(HttpMethod.Patch, location, Documents.Random(10), Bytes, ("Content-Range", "9-0"))).IsError(400, "BLOB_UPLOAD_INVALID");
        (await registry.SendAsync(HttpMethod.Patch, location, Documents.Random(10), Bytes, ("Content-Range", "x"))).IsError(400, "BLOB_UPLOAD_INVALID");

        (await registry.GetAsync(location)).Is(204)["Range"].ShouldBe("0-0");
    });

    [Theory, OnEveryRegistry(Deviation = "its error code for another's upload is BLOB_UPLOAD_INVALID")]
    public Task An_upload_belongs_to_its_repository(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        using var other = registry.Other();
        var location = await registry.StartUploadAsync();
        var path = new Uri(registry.Http.BaseAddress!, location).PathAndQuery;

        (await other.GetAsync(path.Replace(registry.Repository, other.Repository, StringComparison.Ordinal))).IsError(404, "BLOB_UPLOAD_UNKNOWN");
        (await registry.GetAsync(registry.At($"blobs/uploads/{Guid.NewGuid()}"))).IsError(404, "BLOB_UPLOAD_UNKNOWN");
    });

    private static async Task FinishAsync(
        RegistryUnderTest registry, string location, byte[] content, byte[] last, params (string Name, string Value)[] headers)
    {
        var digest = Digest.Compute(content);
        var created = (await registry.SendAsync(HttpMethod.Put, RegistryUnderTest.With(location, $"digest={digest}"), last, [Bytes, .. headers])).Is(201);
        (await registry.GetAsync(created["Location"].ShouldNotBeNull())).Is(200).Body.ShouldBe(content);
    }
}

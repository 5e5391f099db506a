using System.Net;

namespace Pier.UnitTests.Registry;

/// <summary>Blobs as web seeds (BEP 19).</summary>
public sealed class WebSeedEndpointTests : RegistryDoorSetting
{
    private string Path => $"/webseed/{_blob.Hex}";

    [Theory]
    [InlineData(null, 200, "0123456789")]
    [InlineData("bytes=2-4", 206, "234")]
    [InlineData("bytes=7-", 206, "789")]
    public async Task A_blob_comes_by_its_name(string? range, int status, string body)
    {
        using var answer = range is null ? await SendAsync(HttpMethod.Get, Path) : await SendAsync(HttpMethod.Get, Path, ("Range", range));

        ((int)answer.StatusCode).ShouldBe(status);
        (await answer.Content.ReadAsStringAsync(Cancel)).ShouldBe(body);
        Header(answer, "Accept-Ranges").ShouldBe("bytes");
        _delivery.Calls.ShouldBeEmpty("nothing is fetched for who asks");
    }

    [Fact]
    public async Task HEAD_tells_the_size_and_POST_is_refused()
    {
        using var head = await SendAsync(HttpMethod.Head, Path);
        head.Content.Headers.ContentLength.ShouldBe(10);

        using var post = await SendAsync(HttpMethod.Post, Path);
        post.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);

        using var beyond = await SendAsync(HttpMethod.Get, Path, ("Range", "bytes=10-"));
        beyond.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
    }

    [Fact]
    public async Task Private_missing_and_nonsense_look_alike()
    {
        _delivery.MayServe = false;
        using var secret = await SendAsync(HttpMethod.Get, Path);
        _delivery.MayServe = true;
        using var missing = await SendAsync(HttpMethod.Get, $"/webseed/{new string('a', 64)}");
        using var nonsense = await SendAsync(HttpMethod.Get, "/webseed/..%2f..%2fetc");

        secret.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await CodeAsync(secret)).ShouldBe(await CodeAsync(missing));
        (await CodeAsync(nonsense)).Status.ShouldBe(404);
    }
}

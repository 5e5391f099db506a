using System.Net.Sockets;
using System.Text;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Daemon;

/// <summary>What no well-behaved client sends, byte by byte, at the registry door of a whole daemon that takes pushes.</summary>
public sealed class BadRequestTests : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.Create("bad-requests");
    private TestDaemon _daemon = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_folder.Below("secret"), "not for anybody", Cancel);
        _daemon = await TestDaemon.StartAsync(TestDaemon.OptionsIn(_folder, new Uri("http://127.0.0.1:1/")) with { Push = true }, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        await _folder.DisposeAsync();
    }

    [Theory]
    [InlineData("/v2/../secret", 404, "")]
    [InlineData("/v2/../../../../../../etc/passwd", 404, "")]
    [InlineData("/v2/local/a/%2e%2e/%2e%2e/%2e%2e/secret", 404, "")]
    [InlineData("/v2/local/a%2f..%2fb/manifests/1", 400, "NAME_INVALID|a%2f..%2fb")]
    [InlineData("/v2/local/a%5c..%5cb/tags/list", 400, "NAME_INVALID|a")]
    [InlineData("/v2/local//b/tags/list", 400, "NAME_INVALID|local//b")]
    [InlineData("/v2/local/-b/tags/list", 400, "NAME_INVALID|local/-b")]
    [InlineData("/v2/local/B/tags/list", 400, "NAME_INVALID|lower case")]
    [InlineData("/v2/local/a/blobs/uploads/..%2f..%2fsecret", 404, "BLOB_UPLOAD_UNKNOWN")]
    [InlineData("/v2/local/a/blobs/uploads/%2e%2e", 400, "DIGEST_INVALID")]
    [InlineData("/webseed/..%2f..%2fsecret", 404, "")]
    [InlineData("/v2/local/a/manifests/v%001", 400, "")]
    [InlineData("/v2/local/a/manifests/sha256:..", 400, "DIGEST_INVALID|sha256:..")]
    [InlineData("/v2/local/a/blobs/md5:00", 400, "DIGEST_INVALID|md5:00")]
    [InlineData("/v2/local/a/tags/list?n=99999999999999999999", 404, "NAME_UNKNOWN")]
    [InlineData("/v2/_catalog?n=99999999999999999999", 200, "repositories")]
    [InlineData("/v2/library/a/tags/list?n=99999999999999999999", 400, "n=99999999999999999999")]
    [InlineData("/v2/library/a/manifests/1?ns=a%0d%0aX:1", 400, "NAME_INVALID")]
    public async Task A_path_that_leads_astray_is_refused_and_named(string target, int status, string said)
    {
        var answer = await SendAsync($"GET {target} HTTP/1.1\r\nHost: {Host}\r\nConnection: close\r\n\r\n");

        StatusOf(answer).ShouldBe(status, answer);
        said.Split('|').ShouldAllBe(part => answer.Contains(part, StringComparison.Ordinal), answer);
        answer.ShouldNotContain("not for anybody");
        answer.ShouldNotContain("root:");
    }

    [Theory]
    [InlineData(300, 400)]
    [InlineData(9000, 414)]
    public async Task A_name_that_is_too_long_is_refused(int length, int status)
    {
        var answer = await SendAsync($"GET /v2/local/{new string('a', length)}/tags/list HTTP/1.1\r\nHost: {Host}\r\nConnection: close\r\n\r\n");

        StatusOf(answer).ShouldBe(status, answer);
    }

    [Theory]
    [InlineData(200, 10)]
    [InlineData(1, 40_000)]
    public async Task A_flood_of_headers_is_refused(int count, int length)
    {
        var headers = string.Concat(Enumerable.Range(0, count).Select(number => $"X-{number}: {new string('x', length)}\r\n"));

        StatusOf(await SendAsync($"GET /v2/ HTTP/1.1\r\nHost: {Host}\r\nConnection: close\r\n{headers}\r\n")).ShouldBe(431);
    }

    [Fact]
    public async Task A_body_is_as_long_as_announced_whatever_follows_it()
    {
        var digest = Pier.Content.Digest.Compute("abc"u8);
        var answer = await SendAsync($"POST /v2/local/a/blobs/uploads/?digest={digest} HTTP/1.1\r\nHost: {Host}\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabcGET /v2/x");

        StatusOf(answer).ShouldBe(201, answer);
        (await _daemon.Http.GetStringAsync(new Uri(_daemon.Registry, $"/v2/local/a/blobs/{digest}"), Cancel)).ShouldBe("abc");
    }

    [Theory]
    [InlineData("Content-Length: 3\r\nTransfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked", "zz\r\nabc\r\n0\r\n\r\n")]
    [InlineData("Content-Length: -3", "abc")]
    [InlineData("Content-Length: 3\r\nContent-Length: 4", "abcd")]
    public async Task A_body_of_two_lengths_or_none_is_no_blob(string headers, string body)
    {
        var digest = Pier.Content.Digest.Compute(Encoding.ASCII.GetBytes("abc"));
        var answer = await SendAsync($"POST /v2/local/b/blobs/uploads/?digest={digest} HTTP/1.1\r\nHost: {Host}\r\nConnection: close\r\n{headers}\r\n\r\n{body}");

        // What chunks say goes before the length (RFC 9112 §6.3); the bytes are right then.
        StatusOf(answer).ShouldBeOneOf(headers.StartsWith("Content-Length: 3\r\nT", StringComparison.Ordinal) ? [201, 400] : [400]);
    }

    private string Host => _daemon.Options.Registry[0].ToString();

    private async Task<string> SendAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_daemon.Options.Registry[0], Cancel);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), Cancel);
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, Cancel);
        }
        catch (IOException)
        {
            // Hung up on while more was being sent; the answer came before.
        }
        return Encoding.UTF8.GetString(answer.ToArray());
    }

    private static int StatusOf(string answer) =>
        answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? int.Parse(answer.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture) : 0;
}

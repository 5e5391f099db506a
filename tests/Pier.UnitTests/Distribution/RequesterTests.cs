using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Pier.Content;
using Pier.Distribution;
using Pier.Distribution.Authentication;
using Pier.Distribution.Errors;
using Pier.Distribution.Transport;
using Pier.TestKit.Logging;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Distribution;

/// <summary>What the wire does to one exchange, with the network replaced by a function.</summary>
public sealed class RequesterTests
{
    private static readonly Exchange Get = new(HttpMethod.Get, new Uri("https://reg.example/v2/a/blobs/x"), "reg.example a blobs/x");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, UpstreamFailure.NameNotResolved)]
    [InlineData(HttpRequestError.ConnectionError, UpstreamFailure.NotConnected)]
    [InlineData(HttpRequestError.SecureConnectionError, UpstreamFailure.NotSecured)]
    [InlineData(HttpRequestError.ProxyTunnelError, UpstreamFailure.ProxyFailed)]
    [InlineData(HttpRequestError.ResponseEnded, UpstreamFailure.NoAnswer)]
    [InlineData(HttpRequestError.InvalidResponse, UpstreamFailure.BadAnswer)]
    [InlineData(HttpRequestError.ConfigurationLimitExceeded, UpstreamFailure.BadAnswer)]
    [InlineData(HttpRequestError.Unknown, UpstreamFailure.NoAnswer)]
    public async Task Each_leg_that_fails_has_its_name(HttpRequestError error, UpstreamFailure failure)
    {
        using var requester = Requester(_ => throw new HttpRequestException(error, "outer", new SocketException((int)SocketError.TimedOut)));

        var failed = await Should.ThrowAsync<UpstreamException>(requester.SendAsync(Get, Cancel));

        failed.Failure.ShouldBe(failure);
        failed.Message.ShouldStartWith("reg.example a blobs/x: ");
        failed.Message.ShouldContain("TimedOut");
    }

    [Fact]
    public async Task A_failure_from_the_connector_comes_through()
    {
        var inner = new UpstreamException(UpstreamFailure.ForbiddenTarget, "resolves to 169.254.169.254");
        using var requester = Requester(_ => throw new HttpRequestException(HttpRequestError.ConnectionError, "outer", inner));

        (await Should.ThrowAsync<UpstreamException>(requester.SendAsync(Get, Cancel))).ShouldBeSameAs(inner);
    }

    [Fact]
    public async Task TLS_is_never_left()
    {
        using var requester = Requester(_ => Redirect("http://reg.example/v2/a/blobs/x"));

        (await Should.ThrowAsync<UpstreamException>(requester.SendAsync(Get, Cancel))).Message.ShouldContain("from TLS to plain HTTP");
    }

    [Fact]
    public async Task A_form_with_a_secret_follows_no_redirect()
    {
        using var requester = Requester(_ => Redirect("https://reg.example/elsewhere"));
        var post = Get with { Method = HttpMethod.Post, Form = [new("refresh_token", "secret")] };

        (await Should.ThrowAsync<UpstreamException>(requester.SendAsync(post, Cancel))).Failure.ShouldBe(UpstreamFailure.BadRedirect);
    }

    [Theory]
    [InlineData("30", 30)]
    [InlineData("0", 0)]
    [InlineData("9999999", 86400)]
    [InlineData("Thu, 01 Jan 2026 00:01:00 GMT", 60)]
    [InlineData("Wed, 31 Dec 2025 23:00:00 GMT", null)]
    [InlineData("soon", null)]
    [InlineData(null, null)]
    public void Retry_after_is_read_in_both_forms(string? value, int? seconds)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        response.Headers.TryAddWithoutValidation("Date", "Thu, 01 Jan 2026 00:00:00 GMT");
        if (value is not null)
        {
            response.Headers.TryAddWithoutValidation("Retry-After", value);
        }

        RetryAfterHeader.Read(response).ShouldBe(seconds is { } told ? TimeSpan.FromSeconds(told) : null);
    }

    [Theory]
    [InlineData("""{"errors":[{"code":"X"}]}""", "X")]
    [InlineData("""{"errors":[{"message":"m"}]}""", "m")]
    [InlineData("""{"errors":[{}]}""", "no reason given")]
    [InlineData("""{"errors":[{"code":"A","message":"b\u0007c"},{"code":"B"}]}""", "A: b c")]
    public void An_error_document_is_cut_to_a_phrase(string json, string expected) =>
        ErrorBody.Read(System.Text.Encoding.UTF8.GetBytes(json))!.ToString().ShouldBe(expected);

    [Fact]
    public void A_long_error_is_shortened() =>
        ErrorBody.Read(System.Text.Encoding.UTF8.GetBytes($$"""{"errors":[{"code":"X","message":"{{new string('m', 5000)}}"}]}"""))!
            .Message!.Length.ShouldBe(201);

    [Fact]
    public async Task The_oldest_tokens_make_room()
    {
        var clock = new ManualTimeProvider();
        using var cache = new TokenCache(clock);
        static TokenKey Key(int i) => new(new Uri("https://reg.example"), new Uri("https://auth.example"), "s", $"repo{i}", Anonymous: true);
        for (var i = 0; i < 3000; i++)
        {
            await cache.GetAsync(Key(i), _ => Task.FromResult(($"t{i}", TimeSpan.FromSeconds(1000 + i))), Cancel);
        }

        Enumerable.Range(0, 3000).Count(i => cache.Find(Key(i)) is not null).ShouldBeLessThanOrEqualTo(2048);
        cache.Find(Key(2999)).ShouldBe("t2999");
        cache.Find(Key(0)).ShouldBeNull();
        cache.Drop(Key(2999), "another");
        cache.Find(Key(2999)).ShouldBe("t2999");
        cache.Drop(Key(2999), "t2999");
        cache.Find(Key(2999)).ShouldBeNull();
    }

    [Fact]
    public async Task A_proxy_is_asked_for_upstreams()
    {
        await using var proxy = await FakeUpstream.StartAsync(context => Results.Bytes([1, 2, 3]).ExecuteAsync(context));
        var options = new UpstreamOptions { DockerConfigFiles = [], Registries = new Dictionary<string, RegistryOptions> { ["reg.example"] = new() { PlainHttp = true } } };
        using var clients = new UpstreamClients(
            options, TimeProvider.System, new CollectedLogs().CreateLogger("x"), name => name == "HTTP_PROXY" ? $"http://user:pass@{proxy.Name}" : null);
        var repository = new Pier.Content.References.RepositoryName("reg.example", "a");

        (await clients.For(repository).HeadBlobAsync(repository, Digest.Compute("x"u8), Cancel)).Size.ShouldBe(3);

        proxy.Asked.Single().Headers["Host"].ShouldBe("reg.example");
    }

    private static HttpResponseMessage Redirect(string to)
    {
        var response = new HttpResponseMessage(HttpStatusCode.TemporaryRedirect);
        response.Headers.Location = new Uri(to);
        return response;
    }

    private static Requester Requester(Func<HttpRequestMessage, HttpResponseMessage> network) =>
        new(new FunctionHandler(network), new UpstreamOptions(), TimeProvider.System, new CollectedLogs().CreateLogger("x"));

    private sealed class FunctionHandler(Func<HttpRequestMessage, HttpResponseMessage> network) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(network(request));
    }
}

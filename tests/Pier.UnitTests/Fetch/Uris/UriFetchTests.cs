using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Uris;
using Pier.Fetch;
using Pier.Fetch.Status;
using Pier.Fetch.Uris;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using WebClient = Pier.Fetch.Uris.WebClient;

namespace Pier.UnitTests.Fetch.Uris;

/// <summary>Web files with resume and digest, fallbacks, and URIs that nothing here can fetch.</summary>
public sealed class UriFetchTests : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.Create("uris");
    private readonly CollectedLogs _logs = new();
    private readonly FetchOptions _options = new() { AccessFolder = "unused", FirstPause = TimeSpan.FromMilliseconds(1) };
    private readonly byte[] _content = new byte[300_000];
    private WebApplication _server = null!;
    private WebClient _web = null!;
    private UriFetch _fetch = null!;
    private int _requests;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Root => _server.Urls.First();

    public async ValueTask InitializeAsync()
    {
        new Random(5).NextBytes(_content);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.MapGet("/file.bin", () => Results.Bytes(_content, enableRangeProcessing: true));
        _server.MapGet("/broken.bin", BreakOnceAsync);
        _server.MapGet("/away", () => Results.Redirect("http://169.254.169.254/latest/meta-data/"));
        _server.MapGet("/moved.bin", () => Results.Redirect("/file.bin"));
        await _server.StartAsync(Token);
        _web = new WebClient(_options);
        _fetch = new UriFetch([new WebDownload(_web, _options, TimeProvider.System)], _logs.CreateLogger<UriFetch>());
    }

    public async ValueTask DisposeAsync()
    {
        _web.Dispose();
        await _server.DisposeAsync();
        await _folder.DisposeAsync();
        _logs.Dispose();
    }

    [Fact]
    public async Task A_web_file_lands_under_its_name()
    {
        var download = await GetAsync($"{Root}/file.bin");

        download.Name.ShouldBe("file.bin");
        (await BytesAsync(download)).ShouldBe(_content);
        download.Sources.Upstream.ShouldBe(_content.Length);
    }

    [Fact]
    public async Task Redirects_are_followed() => (await BytesAsync(await GetAsync($"{Root}/moved.bin"))).ShouldBe(_content);

    [Fact]
    public async Task A_broken_body_is_resumed_by_range()
    {
        (await BytesAsync(await GetAsync($"{Root}/broken.bin"))).ShouldBe(_content);

        _requests.ShouldBe(2);
    }

    [Fact]
    public async Task A_digest_in_the_fragment_is_held_against_the_bytes()
    {
        (await BytesAsync(await GetAsync($"{Root}/file.bin#sha256={Digest.Compute(_content).Hex}"))).ShouldBe(_content);
        await Should.ThrowAsync<ContentMismatchException>(() => GetAsync($"{Root}/file.bin#sha256={new string('0', 64)}"));

        Directory.GetFiles(_folder.Below("out")).Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_redirect_to_a_metadata_service_is_refused_behind_a_proxy_too()
    {
        // The server stands for the proxy: it answers whatever host a request is for.
        using var web = new WebClient(_options, new WebProxy(Root));
        (await Should.ThrowAsync<ContentDeniedException>(() => web.GetBytesAsync(new Uri("http://far.example/away"), 1 << 20, Token)))
            .Message.ShouldContain("169.254.169.254");
        (await web.GetBytesAsync(new Uri("http://far.example/moved.bin"), 1 << 20, Token)).ShouldBe(_content);
    }

    [Fact]
    public async Task A_redirect_to_a_metadata_service_is_refused() =>
        (await Should.ThrowAsync<ContentDeniedException>(() => GetAsync($"{Root}/away"))).Message.ShouldContain("169.254.169.254");

    [Fact]
    public async Task The_next_uri_is_tried_when_one_fails()
    {
        var download = await GetAsync($"{Root}/missing.bin", "ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy", $"{Root}/file.bin");

        (await BytesAsync(download)).ShouldBe(_content);
    }

    [Fact]
    public async Task Every_failure_is_named_when_none_delivers()
    {
        var failure = await Should.ThrowAsync<ContentUnavailableException>(
            () => GetAsync($"{Root}/missing.bin", "ipfs://bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"));

        failure.Message.ShouldContain("404");
        failure.Message.ShouldContain("no IPFS source is configured");
    }

    [Theory]
    [InlineData("ipns://example.org/x", "no IPFS source is configured")]
    [InlineData("git:something", "this node has no source for it")]
    public async Task What_nothing_here_can_fetch_says_so(string uri, string words) =>
        (await Should.ThrowAsync<ContentUnavailableException>(() => GetAsync(uri))).Message.ShouldContain(words);

    private Task<Download> GetAsync(params string[] uris) =>
        _fetch.RunAsync(ContentUri.ParseAll(uris), DownloadPlan.All(_folder.Below("out")), new Progress<PartProgress>(), Token);

    private async Task<byte[]> BytesAsync(Download download) =>
        await File.ReadAllBytesAsync(_folder.Below("out", download.Files.Single().Path), Token);

    private async Task BreakOnceAsync(HttpContext context)
    {
        if (Interlocked.Increment(ref _requests) > 1)
        {
            await Results.Bytes(_content, enableRangeProcessing: true).ExecuteAsync(context);
            return;
        }
        context.Response.ContentLength = _content.Length;
        await context.Response.Body.WriteAsync(_content.AsMemory(0, 100_000), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        context.Abort();
    }
}

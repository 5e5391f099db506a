using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Pier.Content;
using Pier.Registry;
using Pier.TestKit;
using Pier.TestKit.Registry;
using Pier.TestKit.Stores;
using Pier.TestKit.Time;

namespace Pier.UnitTests.Registry;

/// <summary>Pushes that break off, break their word, stall, or are not allowed; what pushes should do is in the conformance suite.</summary>
public sealed class PushDoorTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = Eventually.Patience;
    private static readonly byte[] Content = [.. Enumerable.Range(0, 10_000).Select(n => (byte)(n * 7))];
    private static readonly Digest Name = Digest.Compute(Content);

    private RegistryServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await StartAsync(new PushOptions { Enabled = true, MaxBlob = 20_000, Stall = TimeSpan.FromSeconds(1) });

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _server.DisposeAsync();
    }

    [Fact]
    public async Task Without_leave_nothing_is_pushed_and_the_answer_names_the_setting()
    {
        await using var closed = await StartAsync(new PushOptions());
        foreach (var (method, path) in new[] { ("POST", "blobs/uploads/"), ("PUT", "manifests/1"), ("DELETE", "manifests/1"), ("DELETE", $"blobs/{Name}"), ("GET", "blobs/uploads/x") })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), $"/v2/local/app/{path}");
            using var answer = await closed.Http.SendAsync(request, Cancel);

            ((int)answer.StatusCode).ShouldBe(405);
            var text = await answer.Content.ReadAsStringAsync(Cancel);
            text.ShouldContain("UNSUPPORTED");
            text.ShouldContain("--push");
        }
    }

    [Theory]
    [InlineData("library/app", 403, "DENIED", "local/app")]
    [InlineData("ghcr.io/a/app", 403, "DENIED", "docker push ghcr.io/a/app")]
    [InlineData("ghcr.io/local/app", 403, "DENIED", "local/app")]
    [InlineData("localx/app", 403, "DENIED", "local/app")]
    [InlineData("local", 403, "DENIED", "local/local")]
    [InlineData("pier/frontend", 405, "UNSUPPORTED", "local/NAME")]
    [InlineData("local/App", 400, "NAME_INVALID", "lower case")]
    [InlineData("local/a..b", 400, "NAME_INVALID", "")]
    [InlineData("local/a%2Fb", 400, "NAME_INVALID", "")]
    [InlineData("local//b", 400, "NAME_INVALID", "")]
    public async Task Pushes_go_below_local_and_nowhere_else(string name, int status, string code, string hint)
    {
        using var answer = await _server.Http.PostAsync(new Uri(_server.Address + $"v2/{name}/blobs/uploads/"), content: null, Cancel);

        var text = await answer.Content.ReadAsStringAsync(Cancel);
        ((int)answer.StatusCode).ShouldBe(status, text);
        text.ShouldContain(code);
        text.ShouldContain(hint);
    }

    [Fact]
    public async Task A_web_page_may_not_push()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/local/app/blobs/uploads/");
        request.Headers.Add("Origin", "https://example.com");
        using var answer = await _server.Http.SendAsync(request, Cancel);

        ((int)answer.StatusCode).ShouldBe(403);
    }

    [Fact]
    public async Task A_body_that_breaks_off_stays_as_far_as_it_came()
    {
        var location = await StartUploadAsync();
        using (var client = await SendPartAsync("PATCH", location, Content.Length, Content.AsMemory(0, 4000)))
        {
            await OffsetAsync(location, 4000);
        }

        (await PatchAsync(location, Content[4000..], 4000)).ShouldBe(202);
        (await FinishAsync(location)).ShouldBe(201);
    }

    [Fact]
    public async Task Who_goes_on_elsewhere_need_not_wait_for_the_dead_connection()
    {
        var location = await StartUploadAsync();
        using var dead = await SendPartAsync("PATCH", location, Content.Length, Content.AsMemory(0, 4000));
        await OffsetAsync(location, 4000);

        (await PatchAsync(location, Content[4000..], 4000)).ShouldBe(202);

        (await FinishAsync(location)).ShouldBe(201);
        (await ReadStatusAsync(dead)).ShouldBe(409);
    }

    [Fact]
    public async Task Who_says_nothing_for_too_long_is_told_so_and_may_go_on()
    {
        var location = await StartUploadAsync();
        using var silent = await SendPartAsync("PATCH", location, Content.Length, Content.AsMemory(0, 4000));

        (await ReadStatusAsync(silent)).ShouldBe(400);

        await OffsetAsync(location, 4000);
        (await PatchAsync(location, Content[4000..], 4000)).ShouldBe(202);
    }

    [Theory]
    [InlineData(4000)]
    [InlineData(6000)]
    public async Task A_stream_that_is_not_as_long_as_its_range_leaves_nothing(int length)
    {
        var location = await StartUploadAsync();
        (await PatchAsync(location, Content[..1000], 0)).ShouldBe(202);
        using var request = new HttpRequestMessage(HttpMethod.Patch, location) { Content = new StreamContent(new MemoryStream(Content, 1000, length)) };
        request.Headers.TransferEncodingChunked = true;
        request.Content.Headers.TryAddWithoutValidation("Content-Range", "1000-5999");
        using var answer = await _server.Http.SendAsync(request, Cancel);

        ((int)answer.StatusCode).ShouldBe(400);
        await OffsetAsync(location, 1000);
        (await PatchAsync(location, Content[1000..], 1000)).ShouldBe(202);
        (await FinishAsync(location)).ShouldBe(201);
    }

    [Fact]
    public async Task More_than_the_bound_is_413_whether_it_was_announced_or_not()
    {
        var location = await StartUploadAsync();
        (await PatchAsync(location, new byte[20_001], 0)).ShouldBe(413);
        using var request = new HttpRequestMessage(HttpMethod.Patch, location) { Content = new StreamContent(new MemoryStream(new byte[1_000_000])) };
        request.Headers.TransferEncodingChunked = true;
        using var streamed = await _server.Http.SendAsync(request, Cancel);
        ((int)streamed.StatusCode).ShouldBe(413);

        using var whole = await _server.Http.PostAsync(new Uri($"/v2/local/app/blobs/uploads/?digest={Name}", UriKind.Relative), new ByteArrayContent(new byte[20_001]), Cancel);
        ((int)whole.StatusCode).ShouldBe(413);
    }

    [Fact]
    public async Task A_wrong_digest_drops_the_upload()
    {
        var location = await StartUploadAsync();
        using var wrong = await _server.Http.PutAsync(new Uri($"{location}?digest={Name}", UriKind.Relative), new ByteArrayContent([1]), Cancel);
        ((int)wrong.StatusCode).ShouldBe(400);

        (await FinishAsync(location)).ShouldBe(404);
    }

    [Fact]
    public async Task An_image_without_its_layers_is_taken_where_that_is_allowed()
    {
        await using var sparse = await StartAsync(new PushOptions { Enabled = true, Sparse = true });
        var manifest = $$"""{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"{{Name}}","size":10},"layers":[]}""";
        using var body = new StringContent(manifest, new MediaTypeHeaderValue(Pier.Content.Manifests.MediaTypes.OciManifest));
        using var answer = await sparse.Http.PutAsync(new Uri("/v2/local/app/manifests/1", UriKind.Relative), body, Cancel);

        ((int)answer.StatusCode).ShouldBe(201);
    }

    private static Task<RegistryServer> StartAsync(PushOptions push) =>
        RegistryServer.StartAsync(new FakeDelivery(new MemoryContentStore(new ManualTimeProvider())), new MirrorOptions { Push = push }, Cancel);

    private async Task<string> StartUploadAsync()
    {
        using var answer = await _server.Http.PostAsync(new Uri("/v2/local/app/blobs/uploads/", UriKind.Relative), content: null, Cancel);
        return answer.Headers.Location.ShouldNotBeNull().ToString();
    }

    private async Task<int> PatchAsync(string location, byte[] chunk, long start)
    {
        using var content = new ByteArrayContent(chunk);
        content.Headers.TryAddWithoutValidation("Content-Range", string.Create(CultureInfo.InvariantCulture, $"{start}-{start + chunk.Length - 1}"));
        using var answer = await _server.Http.PatchAsync(new Uri(location, UriKind.Relative), content, Cancel);
        return (int)answer.StatusCode;
    }

    private async Task<int> FinishAsync(string location)
    {
        using var answer = await _server.Http.PutAsync(new Uri($"{location}?digest={Name}", UriKind.Relative), content: null, Cancel);
        return (int)answer.StatusCode;
    }

    private Task OffsetAsync(string location, int offset) => Eventually.TrueAsync(
        async () =>
        {
            using var answer = await _server.Http.GetAsync(new Uri(location, UriKind.Relative), Cancel);
            return answer.Headers.NonValidated["Range"].ToString() == $"0-{offset - 1}";
        },
        $"{offset} bytes to have arrived",
        Deadline,
        Cancel);

    /// <summary>Sends the head of a request and a part of its body, over a connection of its own.</summary>
    private async Task<TcpClient> SendPartAsync(string method, string path, int length, ReadOnlyMemory<byte> part)
    {
        var client = new TcpClient();
        await client.ConnectAsync(_server.Address.Host, _server.Address.Port, Cancel);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"), Cancel);
        await client.GetStream().WriteAsync(part, Cancel);
        return client;
    }

    private static async Task<int> ReadStatusAsync(TcpClient client)
    {
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII, leaveOpen: true);
        var line = await reader.ReadLineAsync(Cancel).AsTask().WaitAsync(Deadline, Cancel);
        return int.Parse(line.ShouldNotBeNull().Split(' ')[1], CultureInfo.InvariantCulture);
    }
}

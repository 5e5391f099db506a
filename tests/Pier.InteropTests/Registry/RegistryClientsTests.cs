using System.Text.Json;
using Pier.Content;
using Pier.InteropTests.Store;
using Pier.Registry;
using Pier.Store.Layout;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;
using Pier.TestKit.Registry;
using Pier.TestKit.Stores;
using Pier.TestKit.Time;

namespace Pier.InteropTests.Registry;

/// <summary>The registry door as skopeo and curl see it.</summary>
public sealed class RegistryClientsTests : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.Create("clients");
    private readonly MemoryContentStore _store = new(new ManualTimeProvider());
    private readonly StoredImage _image;
    private RegistryServer _server = null!;

    public RegistryClientsTests() => _image = new StoredImage(_store);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Blob => $"{_server.Address}v2/a/b/blobs/{_image.LargeLayer}";

    public async ValueTask InitializeAsync() =>
        _server = await RegistryServer.StartAsync(new StoreDelivery(_store, _image), new MirrorOptions(), Cancel);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _folder.DisposeAsync();
    }

    [Theory]
    [InlineData("a/b:1")]
    [InlineData("ghcr.io/a/b:1")]
    [InlineData("a/b@DIGEST")]
    public async Task Skopeo_copies_an_image(string reference)
    {
        var named = reference.Replace("DIGEST", _image.Manifest.Digest.ToString(), StringComparison.Ordinal);
        var layout = _folder.Below("layout");

        await SkopeoAsync("copy", "--src-tls-verify=false", $"docker://{_server.Address.Authority}/{named}", $"oci:{layout}:{StoredImage.Name}");

        var copy = new MemoryContentStore(new ManualTimeProvider());
        (await new OciLayoutImporter(copy, new LayoutLimits()).FromFolderAsync(layout, Cancel)).ShouldBe([_image.Entry]);
    }

    [Fact]
    public async Task Skopeo_follows_the_pages_of_tags()
    {
        var answer = await SkopeoAsync("list-tags", "--tls-verify=false", $"docker://{_server.Address.Authority}/a/b");

        using var document = JsonDocument.Parse(answer.Output);
        document.RootElement.GetProperty("Tags").EnumerateArray().Select(tag => tag.GetString()).ShouldBe(["1", "2"]);
    }

    [Fact]
    public async Task Curl_resumes_a_broken_download()
    {
        var file = _folder.Below("file");
        await CurlAsync("-r", "0-999999", "-o", file, Blob);
        new FileInfo(file).Length.ShouldBe(1_000_000);

        await CurlAsync("-C", "-", "-o", file, Blob);

        Digest.Compute(await File.ReadAllBytesAsync(file, Cancel)).ShouldBe(_image.LargeLayer);
    }

    [Fact]
    public async Task Curl_sees_the_headers_that_engines_need_on_HEAD()
    {
        var answer = await CurlAsync("-I", $"{_server.Address}v2/a/b/manifests/1?ns=ghcr.io");

        answer.Output.ShouldContain($"Docker-Content-Digest: {_image.Manifest.Digest}");
        answer.Output.ShouldContain($"Content-Length: {_image.Manifest.Content.Length}");
        answer.Output.ShouldContain($"Content-Type: {_image.Manifest.MediaType}");
    }

    [Fact]
    public async Task Curl_may_close_an_open_ended_range_early_and_ask_on_over_the_same_door()
    {
        var early = await Command.RunAsync("sh", ["-c", $"curl -sS -r 100- '{Blob}' | head -c 50 >/dev/null; curl -sS -o /dev/null -w '%{{http_code}}' -r 100- '{Blob}'"], Cancel);

        early.OrThrow().Output.ShouldBe("206");
        _server.Logs.Entries.ShouldNotContain(entry => entry.Level >= Microsoft.Extensions.Logging.LogLevel.Warning);
    }

    [Fact]
    public async Task Curl_gets_no_content_encoding_whatever_it_offers()
    {
        var answer = await CurlAsync("-D", "-", "-o", "/dev/null", "-H", "Accept-Encoding: zstd, gzip, deflate", Blob);

        answer.Output.ShouldNotContain("Content-Encoding", Case.Insensitive);
        answer.Output.ShouldContain($"Content-Length: {_image.LargeLayerSize}");
    }

    private static async Task<CommandResult> SkopeoAsync(params string[] arguments) =>
        (await Command.RunAsync(RequiredTool.Path("skopeo", "apt-get install skopeo"), ["--insecure-policy", .. arguments], Cancel)).OrThrow();

    private static async Task<CommandResult> CurlAsync(params string[] arguments) =>
        (await Command.RunAsync(RequiredTool.Path("curl", "apt-get install curl"), ["-sS", "--fail", .. arguments], Cancel)).OrThrow();
}

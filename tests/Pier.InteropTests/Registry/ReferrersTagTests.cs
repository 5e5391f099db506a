using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Pier.Content;
using Pier.Content.Manifests;
using Pier.InteropTests.Distribution;
using Pier.InteropTests.Programs;
using Pier.TestKit.Files;
using Pier.TestKit.Images;

namespace Pier.InteropTests.Registry;

/// <summary>
/// A real <c>pierd</c> before a <c>docker-registry</c>, which knows of no referrers: what clients keep under a tag there
/// (OCI distribution-spec, "Referrers Tag Schema") is given as the list that newer clients ask for.
/// </summary>
public sealed class ReferrersTagTests : IAsyncDisposable
{
    private const string Upstream = "registry.test";
    private const string Path = "team/signed";

    private readonly TempFolder _folder = TempFolder.Create("referrers");
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_tag_lists_is_the_answer_to_who_asks_for_referrers_also_once_the_registry_is_down()
    {
        await using var registry = await LoopbackRegistry.StartAsync(_folder.Below("storage"), "", "", Cancel);
        var publisher = new ImagePublisher(_http, registry.Address);
        await File.WriteAllBytesAsync(_folder.Below("layer"), [1, 2, 3], Cancel);
        var layer = await publisher.PushLayerAsync(Path, _folder.Below("layer"), ImagePublisher.DigestOf([]), Cancel);
        var image = await publisher.PushImageAsync(Path, "v1", [layer], Cancel);
        var signature = await publisher.PushImageAsync(Path, "signature", [layer], Cancel);
        var list = await TagListAsync(registry, image.ManifestDigest, signature.ManifestDigest);
        await using var pier = await PierProgram.StartAsync(Cancel, new(StringComparer.Ordinal)
        {
            ["upstreams"] = new Dictionary<string, object>(StringComparer.Ordinal) { [Upstream] = new { endpoints = new[] { registry.Address.ToString() } } },
        });
        using (var theirs = await _http.GetAsync(new Uri(registry.Address, $"/v2/{Path}/referrers/{image.ManifestDigest}"), Cancel))
        {
            theirs.StatusCode.ShouldBe(HttpStatusCode.NotFound, "else this test shows nothing");
        }

        using (var manifest = await _http.GetAsync(new Uri($"http://127.0.0.1:{pier.RegistryPort}/v2/{Upstream}/{Path}/manifests/{image.ManifestDigest}"), Cancel))
        {
            manifest.StatusCode.ShouldBe(HttpStatusCode.OK, "so that the repository is known as public");
        }
        using (var ours = await AskAsync(pier, image.ManifestDigest))
        {
            ours.StatusCode.ShouldBe(HttpStatusCode.OK);
            ours.Content.Headers.ContentType!.MediaType.ShouldBe(MediaTypes.OciIndex);
            ours.Headers.Contains("OCI-Filters-Applied").ShouldBeFalse("who asked has to pick for itself");
            (await ours.Content.ReadAsByteArrayAsync(Cancel)).ShouldBe(list);
        }
        using (var nothing = await AskAsync(pier, Digest.Compute("no such manifest"u8).ToString()))
        {
            nothing.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await nothing.Content.ReadAsStringAsync(Cancel)).ShouldContain("\"manifests\":[]");
        }

        await registry.DisposeAsync();
        using var stale = await AskAsync(pier, image.ManifestDigest);
        stale.StatusCode.ShouldBe(HttpStatusCode.OK);
        stale.Headers.GetValues("Warning").Single().ShouldContain("Stale");
        (await stale.Content.ReadAsByteArrayAsync(Cancel)).ShouldBe(list);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _folder.DisposeAsync();
    }

    private async Task<byte[]> TagListAsync(LoopbackRegistry registry, string subject, string referrer)
    {
        var list = Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{referrer}}","size":500,"artifactType":"application/vnd.example"}]}""");
        using var body = new ByteArrayContent(list);
        body.Headers.ContentType = new MediaTypeHeaderValue(MediaTypes.OciIndex);
        using var put = await _http.PutAsync(new Uri(registry.Address, $"/v2/{Path}/manifests/{subject.Replace(':', '-')}"), body, Cancel);
        put.EnsureSuccessStatusCode();
        return list;
    }

    private Task<HttpResponseMessage> AskAsync(PierProgram pier, string subject) =>
        _http.GetAsync(new Uri($"http://127.0.0.1:{pier.RegistryPort}/v2/{Upstream}/{Path}/referrers/{subject}?artifactType=application/vnd.example"), Cancel);
}

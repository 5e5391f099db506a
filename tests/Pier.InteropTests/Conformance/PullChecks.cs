using Pier.Content;
using Pier.Content.Manifests;

namespace Pier.InteropTests.Conformance;

/// <summary>OCI distribution-spec v1.1, "Pull".</summary>
public sealed class PullChecks(Registries registries) : ConformanceSetting(registries)
{
    [Theory, OnEveryRegistry]
    public Task The_base_says_that_the_protocol_is_spoken(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
        (await registry.GetAsync("/v2/")).Is(200)["Docker-Distribution-Api-Version"].ShouldBe("registry/2.0"));

    [Theory, OnEveryRegistry]
    public Task A_blob_comes_as_it_was_pushed(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var content = Documents.Random(100_000);
        var digest = await registry.PushBlobAsync(content);

        var whole = (await registry.GetAsync(registry.At($"blobs/{digest}"))).Is(200);
        var head = (await registry.HeadAsync(registry.At($"blobs/{digest}"))).Is(200);

        whole.Body.ShouldBe(content);
        whole["Docker-Content-Digest"].ShouldBe(digest.ToString());
        head["Docker-Content-Digest"].ShouldBe(digest.ToString());
        head["Content-Length"].ShouldBe("100000");
        head.Body.ShouldBeEmpty();
    });

    [Theory, OnEveryRegistry]
    public Task A_blob_comes_in_ranges(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var content = Documents.Random(1000);
        var blob = registry.At($"blobs/{await registry.PushBlobAsync(content)}");

        var middle = (await registry.GetAsync(blob, ("Range", "bytes=100-199"))).Is(206);
        var rest = (await registry.GetAsync(blob, ("Range", "bytes=900-"))).Is(206);

        middle.Body.ShouldBe(content[100..200]);
        middle["Content-Range"].ShouldBe("bytes 100-199/1000");
        rest.Body.ShouldBe(content[900..]);
    });

    [Theory, OnEveryRegistry(Deviation = "its 416 promises more bytes than it sends")]
    public Task A_range_beyond_the_end_is_416(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var blob = registry.At($"blobs/{await registry.PushBlobAsync(Documents.Random(1000))}");

        (await registry.GetAsync(blob, ("Range", "bytes=1000-"))).Is(416)["Content-Range"].ShouldBe("bytes */1000");
    });

    [Theory, OnEveryRegistry]
    public Task A_blob_that_is_not_there_is_404(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        await registry.PushBlobAsync(Documents.Random(10));
        var missing = registry.At($"blobs/{Digest.Compute(Documents.Random(10))}");

        (await registry.GetAsync(missing)).IsError(404, "BLOB_UNKNOWN");
        (await registry.HeadAsync(missing)).Is(404).Body.ShouldBeEmpty();
    });

    [Theory, OnEveryRegistry]
    public Task A_blob_of_another_repository_is_404(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        using var other = registry.Other();
        var digest = await other.PushBlobAsync(Documents.Random(10));
        await registry.PushBlobAsync(Documents.Random(10));

        (await registry.GetAsync(registry.At($"blobs/{digest}"))).IsError(404, "BLOB_UNKNOWN");
    });

    [Theory, OnEveryRegistry]
    public Task A_manifest_comes_by_tag_and_by_digest(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var manifest = await Documents.ImageInAsync(registry);
        var digest = Digest.Compute(manifest);
        (await registry.PutManifestAsync("v1", manifest, MediaTypes.OciManifest)).Is(201);

        foreach (var reference in (string[])["v1", digest.ToString()])
        {
            var got = (await registry.GetAsync(registry.At($"manifests/{reference}"))).Is(200);
            got.Body.ShouldBe(manifest);
            got["Content-Type"].ShouldBe(MediaTypes.OciManifest);
            got["Docker-Content-Digest"].ShouldBe(digest.ToString());

            var head = (await registry.HeadAsync(registry.At($"manifests/{reference}"))).Is(200);
            head["Content-Type"].ShouldBe(MediaTypes.OciManifest);
            head["Docker-Content-Digest"].ShouldBe(digest.ToString());
            head["Content-Length"].ShouldBe(manifest.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    });

    [Theory, OnEveryRegistry]
    public Task A_manifest_that_is_not_there_is_404(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        await Documents.PushImageAsync(registry, "v1");

        (await registry.GetAsync(registry.At("manifests/v2"))).IsError(404, "MANIFEST_UNKNOWN");
        (await registry.GetAsync(registry.At($"manifests/{Digest.Compute([1])}"))).IsError(404, "MANIFEST_UNKNOWN");
        (await registry.HeadAsync(registry.At("manifests/v2"))).Is(404);
    });

    [Theory, OnEveryRegistry]
    public Task A_repository_that_is_not_there_is_404(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        (await registry.GetAsync(registry.At("manifests/v1"))).Is(404);
        (await registry.GetAsync(registry.At("tags/list"))).IsError(404, "NAME_UNKNOWN");
    });

    [Theory, OnEveryRegistry(Deviation = "its routes do not know such names: 404 without an error document")]
    public Task Names_and_digests_outside_the_grammar_are_400(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        (await registry.GetAsync($"/v2/{registry.Repository}/UPPER/manifests/v1")).IsError(400, "NAME_INVALID");
        (await registry.GetAsync(registry.At("blobs/sha256:abc"))).IsError(400, "DIGEST_INVALID");
        (await registry.GetAsync(registry.At("manifests/sha256:abc"))).IsError(400, "DIGEST_INVALID");
        (await registry.GetAsync(registry.At("manifests/.hidden"))).IsError(400, "MANIFEST_INVALID");
    });
}

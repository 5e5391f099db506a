using System.Text;
using Pier.Content;
using Pier.Content.Manifests;

namespace Pier.InteropTests.Conformance;

/// <summary>OCI distribution-spec v1.1, "Pushing Manifests": names, tags, refusals.</summary>
public sealed class ManifestPushChecks(Registries registries) : ConformanceSetting(registries)
{
    private const string NoTagParameters = "it ignores the tag parameters of later versions of the specification";

    [Theory, OnEveryRegistry]
    public Task By_tag(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var manifest = await Documents.ImageInAsync(registry);

        var created = (await registry.PutManifestAsync("v1", manifest, MediaTypes.OciManifest)).Is(201);

        created["Docker-Content-Digest"].ShouldBe(Digest.Compute(manifest).ToString());
        (await registry.GetAsync(created["Location"].ShouldNotBeNull())).Is(200).Body.ShouldBe(manifest);
    });

    [Theory, OnEveryRegistry]
    public Task By_digest_without_a_tag(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var manifest = await Documents.ImageInAsync(registry);

        (await registry.PutManifestAsync(Digest.Compute(manifest).ToString(), manifest, MediaTypes.OciManifest)).Is(201);

        (await registry.GetAsync(registry.At($"manifests/{Digest.Compute(manifest)}"))).Is(200).Body.ShouldBe(manifest);
    });

    [Theory, OnEveryRegistry(Deviation = "it names manifests in sha256 only")]
    public Task By_sha512(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var manifest = await Documents.ImageInAsync(registry, algorithm: DigestAlgorithm.Sha512);
        var digest = Digest.Compute(manifest, DigestAlgorithm.Sha512);

        var created = (await registry.PutManifestAsync(digest.ToString(), manifest, MediaTypes.OciManifest)).Is(201);

        created["Docker-Content-Digest"].ShouldBe(digest.ToString());
        var got = (await registry.GetAsync(registry.At($"manifests/{digest}"))).Is(200);
        got.Body.ShouldBe(manifest);
        got["Docker-Content-Digest"].ShouldBe(digest.ToString());
    });

    [Theory, OnEveryRegistry(Deviation = NoTagParameters)]
    public Task By_digest_with_tags_beside_it(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        foreach (var algorithm in Enum.GetValues<DigestAlgorithm>())
        {
            var manifest = await Documents.ImageInAsync(registry);
            var digest = Digest.Compute(manifest, algorithm);
            var tags = Enumerable.Range(0, 12).Select(n => $"{algorithm}-{n}").ToArray();

            var created = (await registry.PutManifestAsync(digest.ToString(), manifest, MediaTypes.OciManifest, "?tag=" + string.Join("&tag=", tags))).Is(201);

            created["OCI-Tag"].ShouldNotBeNull().Split(',', StringSplitOptions.TrimEntries).ShouldBe(tags, ignoreOrder: true);
            foreach (var tag in tags)
            {
                (await registry.HeadAsync(registry.At($"manifests/{tag}"))).Is(200)["Docker-Content-Digest"].ShouldBe(digest.ToString());
            }
        }
    });

    [Theory, OnEveryRegistry(Deviation = NoTagParameters)]
    public Task Too_many_tags_are_414_and_a_wrong_one_is_400(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var manifest = await Documents.ImageInAsync(registry);
        var digest = Digest.Compute(manifest).ToString();

        (await registry.PutManifestAsync(digest, manifest, MediaTypes.OciManifest, "?" + string.Join('&', Enumerable.Range(0, 101).Select(n => $"tag={n}")))).Is(414);
        (await registry.PutManifestAsync(digest, manifest, MediaTypes.OciManifest, "?tag=good&tag=..bad")).IsError(400, "MANIFEST_INVALID");

        (await registry.GetAsync(registry.At("manifests/good"))).Is(404);
    });

    [Theory, OnEveryRegistry]
    public Task A_tag_moves_and_the_older_manifest_stays(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var (first, _) = await Documents.PushImageAsync(registry, "v1");
        var (second, _) = await Documents.PushImageAsync(registry, "v1");

        (await registry.HeadAsync(registry.At("manifests/v1"))).Is(200)["Docker-Content-Digest"].ShouldBe(second.ToString());
        (await registry.HeadAsync(registry.At($"manifests/{first}"))).Is(200);
    });

    [Theory, OnEveryRegistry]
    public Task Bytes_that_are_not_what_the_digest_names_are_400(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var manifest = await Documents.ImageInAsync(registry);
        var digest = Digest.Compute(manifest);

        (await registry.PutManifestAsync(digest.ToString(), [.. manifest, (byte)' '], MediaTypes.OciManifest)).IsError(400, "DIGEST_INVALID");

        (await registry.GetAsync(registry.At($"manifests/{digest}"))).Is(404);
    });

    [Theory, OnEveryRegistry(Deviation = "500 for some of these documents")]
    public Task What_is_no_manifest_is_400(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var layer = Documents.Descriptor(MediaTypes.OciLayerGzip, Digest.Compute([1]), 1);
        foreach (var text in (string[])["", "{", "[]", "\"x\"", "{\"schemaVersion\":1}", $$"""{"schemaVersion":2,"layers":[{{layer}}]}"""])
        {
            (await registry.PutManifestAsync("v1", Encoding.UTF8.GetBytes(text), MediaTypes.OciManifest)).Is(400).Code.ShouldStartWith("MANIFEST_");
        }
    });

    [Theory, OnEveryRegistry]
    public Task A_document_of_another_type_than_it_is_pushed_as_is_400(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
        (await registry.PutManifestAsync("v1", await Documents.ImageInAsync(registry), MediaTypes.DockerManifest)).IsError(400, "MANIFEST_INVALID"));

    [Theory, OnEveryRegistry]
    public Task An_image_whose_blobs_are_not_there_is_400(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var manifest = Documents.Image(
            Documents.Descriptor(MediaTypes.OciConfig, await registry.PushBlobAsync(Documents.EmptyObject), 2),
            [Documents.Descriptor(MediaTypes.OciLayerGzip, Digest.Compute(Documents.Random(10)), 10)]);

        (await registry.PutManifestAsync("v1", manifest, MediaTypes.OciManifest)).IsError(400, "MANIFEST_BLOB_UNKNOWN");
    });

    [Theory, OnEveryRegistry(Deviation = "404 from its routes, without an error document")]
    public Task A_tag_outside_the_grammar_is_400(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var manifest = await Documents.ImageInAsync(registry);
        foreach (var tag in (string[])[".hidden", "-x", new string('a', 129), "sha256:abc"])
        {
            (await registry.PutManifestAsync(tag, manifest, MediaTypes.OciManifest)).Is(400);
        }
    });

    [Theory, OnEveryRegistry]
    public Task Four_megabytes_are_taken(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var manifest = await Documents.ImageInAsync(registry, Annotation(3_990_000));

        (await registry.PutManifestAsync("large", manifest, MediaTypes.OciManifest)).Is(201);

        (await registry.GetAsync(registry.At("manifests/large"))).Is(200).Body.ShouldBe(manifest);
    });

    [Theory, OnEveryRegistry(Deviation = "400 instead of the 413 that the specification wants")]
    public Task More_than_the_bound_is_413(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var manifest = await Documents.ImageInAsync(registry, Annotation(4 * 1024 * 1024));

        (await registry.PutManifestAsync("v1", manifest, MediaTypes.OciManifest)).IsError(413, "MANIFEST_INVALID");
    });

    private static string Annotation(int size) => $$$""","annotations":{"org.example.large":"{{{new string('a', size)}}}"}""";
}

using System.Text;
using Pier.Content;
using Pier.Content.Manifests;

namespace Pier.InteropTests.Conformance;

/// <summary>OCI distribution-spec v1.1, "Pushing Manifests": every kind of manifest comes back byte for byte.</summary>
public sealed class ManifestKindChecks(Registries registries) : ConformanceSetting(registries)
{
    private const string KnowsFewTypes = "it takes manifests of the types that it knows only";

    [Theory, OnEveryRegistry]
    public Task An_index_a_nested_index_and_an_empty_one(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var (image, size) = await Documents.PushImageAsync(registry, "image");
        var inner = Documents.Index([Documents.Descriptor(MediaTypes.OciManifest, image, size, ""","platform":{"os":"linux","architecture":"arm64"}""")]);
        var outer = Documents.Index([Documents.Descriptor(MediaTypes.OciIndex, Digest.Compute(inner), inner.Length)]);

        await RoundTripAsync(registry, "inner", inner, MediaTypes.OciIndex);
        await RoundTripAsync(registry, "outer", outer, MediaTypes.OciIndex);
        await RoundTripAsync(registry, "empty", Documents.Index([]), MediaTypes.OciIndex);
    });

    [Theory, OnEveryRegistry(Deviation = "it wants every manifest of an index; the specification allows to")]
    public Task An_index_of_which_one_platform_is_missing(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var (image, size) = await Documents.PushImageAsync(registry, "image");
        var index = Documents.Index(
        [
            Documents.Descriptor(MediaTypes.OciManifest, image, size, ""","platform":{"os":"linux","architecture":"arm64"}"""),
            Documents.Descriptor(MediaTypes.OciManifest, Digest.Compute(Documents.Random(9)), 1024, ""","platform":{"os":"linux","architecture":"amd64"}"""),
        ]);

        await RoundTripAsync(registry, "sparse", index, MediaTypes.OciIndex);
    });

    [Theory, OnEveryRegistry]
    public Task Docker_schema_2_image_and_list(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var image = Documents.Image(
            Documents.Descriptor(MediaTypes.DockerConfig, await registry.PushBlobAsync(Documents.EmptyObject), 2),
            [Documents.Descriptor(MediaTypes.DockerLayerGzip, await registry.PushBlobAsync([7]), 1)],
            type: MediaTypes.DockerManifest);
        await RoundTripAsync(registry, "image", image, MediaTypes.DockerManifest);
        var list = Documents.Index(
            [Documents.Descriptor(MediaTypes.DockerManifest, Digest.Compute(image), image.Length, ""","platform":{"os":"linux","architecture":"amd64"}""")],
            type: MediaTypes.DockerManifestList);

        await RoundTripAsync(registry, "list", list, MediaTypes.DockerManifestList);
    });

    [Theory, OnEveryRegistry(Deviation = "it lets no layer live elsewhere unless its configuration allows the address")]
    public Task Layers_that_live_elsewhere_need_not_be_pushed(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        const string Urls = ""","urls":["https://store.example.com/layer"]""";
        var config = Documents.Descriptor(MediaTypes.OciConfig, await registry.PushBlobAsync(Documents.EmptyObject), 2);
        var image = Documents.Image(config,
        [
            Documents.Descriptor(MediaTypes.OciNonDistributableLayerPrefix + "+gzip", Digest.Compute(Documents.Random(9)), 123456, Urls),
            Documents.Descriptor(MediaTypes.OciNonDistributableLayerPrefix, Digest.Compute(Documents.Random(9)), 12345, Urls),
            Documents.Descriptor(MediaTypes.OciLayerGzip, await registry.PushBlobAsync([1]), 1),
        ]);

        await RoundTripAsync(registry, "elsewhere", image, MediaTypes.OciManifest);
    });

    [Theory, OnEveryRegistry]
    public Task Artifacts_and_images_without_layers(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var empty = Documents.Descriptor(MediaTypes.OciEmpty, await registry.PushBlobAsync(Documents.EmptyObject), 2);

        await RoundTripAsync(registry, "artifact", Documents.Image(empty, [empty], $""","artifactType":"{Documents.ExampleType}" """), MediaTypes.OciManifest);
        await RoundTripAsync(registry, "none", Documents.Image(empty, []), MediaTypes.OciManifest);
        await RoundTripAsync(registry, "index", Documents.Index([], $""","artifactType":"{Documents.ExampleType}" """), MediaTypes.OciIndex);
    });

    [Theory, OnEveryRegistry]
    public Task Embedded_data_unknown_fields_and_odd_whitespace(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var config = await registry.PushBlobAsync(Documents.EmptyObject);
        var data = Documents.Image(Documents.Descriptor(MediaTypes.OciEmpty, config, 2, ""","data":"e30=","org.example.field":[1,{"x":null}]"""), []);
        var odd = Encoding.UTF8.GetBytes("\n\t" + Encoding.UTF8.GetString(data).Replace(",", " ,\r\n ", StringComparison.Ordinal) + "  \n");

        await RoundTripAsync(registry, "data", data, MediaTypes.OciManifest);
        await RoundTripAsync(registry, "odd", odd, MediaTypes.OciManifest);
    });

    [Theory, OnEveryRegistry(Deviation = KnowsFewTypes)]
    public Task A_type_that_nobody_knows(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
        await RoundTripAsync(registry, "unknown", """{ "anything": ["goes", 1e3] }"""u8.ToArray(), Documents.ExampleType));

    [Theory, OnEveryRegistry]
    public Task Parameters_of_the_type_are_not_part_of_it(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var image = await Documents.ImageInAsync(registry);
        (await registry.PutManifestAsync("v1", image, MediaTypes.OciManifest + "; charset=utf-8")).Is(201);

        (await registry.GetAsync(registry.At("manifests/v1"))).Is(200)["Content-Type"].ShouldBe(MediaTypes.OciManifest);
    });

    [Theory, OnEveryRegistry(Deviation = "it has no referrers: no OCI-Subject")]
    public Task A_subject_need_not_be_there_and_the_answer_says_that_it_was_seen(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var missing = Digest.Compute(Documents.Random(9));
        var image = await Documents.ImageInAsync(registry, $""","subject":{Documents.Descriptor(MediaTypes.OciManifest, missing, 9)}""");
        var index = Documents.Index([], $""","subject":{Documents.Descriptor(MediaTypes.OciManifest, missing, 9)}""");

        (await registry.PutManifestAsync("image", image, MediaTypes.OciManifest)).Is(201)["OCI-Subject"].ShouldBe(missing.ToString());
        (await registry.PutManifestAsync("index", index, MediaTypes.OciIndex)).Is(201)["OCI-Subject"].ShouldBe(missing.ToString());
        (await registry.PutManifestAsync("none", await Documents.ImageInAsync(registry), MediaTypes.OciManifest)).Is(201)["OCI-Subject"].ShouldBeNull();
    });

    private static async Task RoundTripAsync(RegistryUnderTest registry, string tag, byte[] content, string mediaType)
    {
        (await registry.PutManifestAsync(tag, content, mediaType)).Is(201);
        var got = (await registry.GetAsync(registry.At($"manifests/{tag}"))).Is(200);
        got.Body.ShouldBe(content);
        got["Content-Type"].ShouldBe(mediaType);
        got["Docker-Content-Digest"].ShouldBe(Digest.Compute(content).ToString());
    }
}

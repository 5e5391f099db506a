using System.Text.Json;
using Pier.Content;
using Pier.Content.Manifests;

namespace Pier.InteropTests.Conformance;

/// <summary>OCI distribution-spec v1.1, "Listing Referrers".</summary>
public sealed class ReferrersChecks(Registries registries) : ConformanceSetting(registries)
{
    private const string NoReferrers = "2.8 has no referrers API";
    private const string OtherType = "application/vnd.example.other.v1";

    [Theory, OnEveryRegistry(Deviation = NoReferrers)]
    public Task Nothing_refers_to_what_nobody_knows(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var before = await ListAsync(registry, Digest.Compute([1]));
        await Documents.PushImageAsync(registry, "v1");
        var after = await ListAsync(registry, Digest.Compute([1]));

        before.ShouldBeEmpty();
        after.ShouldBeEmpty();
    });

    [Theory, OnEveryRegistry(Deviation = NoReferrers)]
    public Task Each_referrer_with_its_type_and_its_annotations(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var (subject, size) = await Documents.PushImageAsync(registry, "subject");
        var refers = $""","subject":{Documents.Descriptor(MediaTypes.OciManifest, subject, size)}""";
        var notes = ""","annotations":{"org.example.note":"héllo \"world\""}""";
        var typed = await PushAsync(registry, await Documents.ImageInAsync(registry, $"""{refers}{notes},"artifactType":"{Documents.ExampleType}" """), MediaTypes.OciManifest);
        var plain = await PushAsync(registry, await Documents.ImageInAsync(registry, refers), MediaTypes.OciManifest);
        var index = await PushAsync(registry, Documents.Index([], refers), MediaTypes.OciIndex);
        var typedIndex = await PushAsync(registry, Documents.Index([], $"""{refers},"artifactType":"{OtherType}" """), MediaTypes.OciIndex);

        var list = await ListAsync(registry, subject);

        list.Count.ShouldBe(4);
        Find(list, typed).GetProperty("artifactType").GetString().ShouldBe(Documents.ExampleType);
        Find(list, typed).GetProperty("annotations").GetProperty("org.example.note").GetString().ShouldBe("héllo \"world\"");
        Find(list, typed).GetProperty("mediaType").GetString().ShouldBe(MediaTypes.OciManifest);
        Find(list, plain).GetProperty("artifactType").GetString().ShouldBe(MediaTypes.OciConfig);
        Find(list, plain).GetProperty("size").GetInt64().ShouldBeGreaterThan(0);
        Find(list, index).TryGetProperty("artifactType", out _).ShouldBeFalse();
        Find(list, index).GetProperty("mediaType").GetString().ShouldBe(MediaTypes.OciIndex);
        Find(list, typedIndex).GetProperty("artifactType").GetString().ShouldBe(OtherType);
    });

    [Theory, OnEveryRegistry(Deviation = NoReferrers)]
    public Task The_list_can_be_filtered_by_type(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var (subject, size) = await Documents.PushImageAsync(registry, "subject");
        var refers = $""","subject":{Documents.Descriptor(MediaTypes.OciManifest, subject, size)}""";
        var wanted = await PushAsync(registry, Documents.Index([], $"""{refers},"artifactType":"{Documents.ExampleType}" """), MediaTypes.OciIndex);
        await PushAsync(registry, Documents.Index([], $"""{refers},"artifactType":"{OtherType}" """), MediaTypes.OciIndex);

        var answer = (await registry.GetAsync(registry.At($"referrers/{subject}?artifactType={Uri.EscapeDataString(Documents.ExampleType)}"))).Is(200);

        answer["OCI-Filters-Applied"].ShouldBe("artifactType");
        using var document = answer.Json();
        document.RootElement.GetProperty("manifests").EnumerateArray().ShouldHaveSingleItem().GetProperty("digest").GetString().ShouldBe(wanted.ToString());
        (await registry.GetAsync(registry.At($"referrers/{subject}"))).Is(200)["OCI-Filters-Applied"].ShouldBeNull();
    });

    [Theory, OnEveryRegistry(Deviation = NoReferrers)]
    public Task The_subject_may_come_after_what_refers_to_it(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var image = await Documents.ImageInAsync(registry);
        var referrer = await PushAsync(
            registry, Documents.Index([], $""","subject":{Documents.Descriptor(MediaTypes.OciManifest, Digest.Compute(image), image.Length)}"""), MediaTypes.OciIndex);
        (await registry.PutManifestAsync("late", image, MediaTypes.OciManifest)).Is(201);

        Find(await ListAsync(registry, Digest.Compute(image)), referrer);
    });

    [Theory, OnEveryRegistry(Deviation = NoReferrers)]
    public Task A_referrer_that_is_deleted_is_in_no_list(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var (subject, size) = await Documents.PushImageAsync(registry, "subject");
        var referrer = await PushAsync(registry, Documents.Index([], $""","subject":{Documents.Descriptor(MediaTypes.OciManifest, subject, size)}"""), MediaTypes.OciIndex);

        (await registry.DeleteAsync(registry.At($"manifests/{referrer}"))).Is(202);

        (await ListAsync(registry, subject)).ShouldBeEmpty();
    });

    [Theory, OnEveryRegistry(Deviation = NoReferrers)]
    public Task What_is_no_digest_is_400(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
        (await registry.GetAsync(registry.At("referrers/sha256:abc"))).IsError(400, "DIGEST_INVALID"));

    [Theory, OnEveryRegistry(Deviation = NoReferrers)]
    public Task A_list_that_is_too_long_for_one_answer_comes_in_pages(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var subject = Digest.Compute(Documents.Random(9));
        var more = $$$""","subject":{{{Documents.Descriptor(MediaTypes.OciManifest, subject, 9)}}},"annotations":{"org.example.large":"{{{new string('a', 300_000)}}}","org.example.n":"NUMBER"}""";
        var pushed = new List<string>();
        for (var n = 0; n < 9; n++)
        {
            pushed.Add((await PushAsync(registry, Documents.Index([], more.Replace("NUMBER", $"{n}", StringComparison.Ordinal)), MediaTypes.OciIndex)).ToString());
        }

        var seen = new List<string>();
        for (var next = registry.At($"referrers/{subject}"); next is not null;)
        {
            var answer = (await registry.GetAsync(next)).Is(200);
            answer.Body.Length.ShouldBeLessThan(4 * 1024 * 1024);
            using var document = answer.Json();
            seen.AddRange(document.RootElement.GetProperty("manifests").EnumerateArray().Select(manifest => manifest.GetProperty("digest").GetString()!));
            next = answer["Link"]?.Split('<', '>')[1];
        }

        seen.ShouldBe(pushed, ignoreOrder: true);
    });

    [Theory, OnEveryRegistry]
    public Task The_tag_that_stands_in_for_the_list_is_a_tag_like_any_other(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var (subject, _) = await Documents.PushImageAsync(registry, "subject");
        var tag = subject.ToString().Replace(':', '-');
        (await registry.GetAsync(registry.At($"manifests/{tag}"))).Is(404);

        var list = Documents.Index([]);
        (await registry.PutManifestAsync(tag, list, MediaTypes.OciIndex)).Is(201);

        (await registry.GetAsync(registry.At($"manifests/{tag}"))).Is(200).Body.ShouldBe(list);
    });

    private static async Task<Digest> PushAsync(RegistryUnderTest registry, byte[] manifest, string mediaType)
    {
        var digest = Digest.Compute(manifest);
        (await registry.PutManifestAsync(digest.ToString(), manifest, mediaType)).Is(201);
        return digest;
    }

    private static async Task<IReadOnlyList<JsonElement>> ListAsync(RegistryUnderTest registry, Digest subject)
    {
        var answer = (await registry.GetAsync(registry.At($"referrers/{subject}"))).Is(200);
        answer["Content-Type"].ShouldBe(MediaTypes.OciIndex);
        var root = JsonSerializer.Deserialize<JsonElement>(answer.Body);
        root.GetProperty("schemaVersion").GetInt32().ShouldBe(2);
        root.GetProperty("mediaType").GetString().ShouldBe(MediaTypes.OciIndex);
        return [.. root.GetProperty("manifests").EnumerateArray()];
    }

    private static JsonElement Find(IReadOnlyList<JsonElement> list, Digest digest) =>
        list.Where(manifest => manifest.GetProperty("digest").GetString() == digest.ToString()).ShouldHaveSingleItem();
}

using System.Text.RegularExpressions;
using Pier.Content;

namespace Pier.InteropTests.Conformance;

/// <summary>OCI distribution-spec v1.1, "Listing Tags", and the catalogue of the distribution registry.</summary>
public sealed partial class DiscoveryChecks(Registries registries) : ConformanceSetting(registries)
{
    private const string ManyPages = "2.8 has no pages of tags: it ignores n and last";

    /// <summary>In ASCII order, which is not that of any language.</summary>
    private static readonly string[] Tags = ["0", "1", "1-a", "1.0", "1.0-b", "A", "Z", "_x", "a", "aa", "latest"];

    [Theory, OnEveryRegistry(Deviation = "2.8 lists tags in no order")]
    public Task All_tags_in_ASCII_order(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        await PushTagsAsync(registry);

        var (answer, tags) = await ListAsync(registry, registry.At("tags/list"));

        tags.ShouldBe(Tags);
        answer["Link"].ShouldBeNull();
        answer["Content-Type"].ShouldNotBeNull().ShouldStartWith("application/json");
        using var document = answer.Json();
        document.RootElement.GetProperty("name").GetString().ShouldBe(registry.Repository);
    });

    [Theory, OnEveryRegistry(Deviation = ManyPages)]
    public Task Pages_of_tags(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        await PushTagsAsync(registry);

        (await ListAsync(registry, registry.At("tags/list?n=3"))).Tags.ShouldBe(Tags[..3]);
        (await ListAsync(registry, registry.At("tags/list?n=2&last=1-a"))).Tags.ShouldBe(["1.0", "1.0-b"]);
        (await ListAsync(registry, registry.At("tags/list?last=Z"))).Tags.ShouldBe(["_x", "a", "aa", "latest"]);
        (await ListAsync(registry, registry.At("tags/list?n=2&last=nothing-of-this-name"))).Tags.ShouldBeEmpty();
        (await ListAsync(registry, registry.At("tags/list?n=99999999999999999999"))).Tags.ShouldBe(Tags);
        (await ListAsync(registry, registry.At($"tags/list?n={Tags.Length}"))).Answer["Link"].ShouldBeNull();
    });

    [Theory, OnEveryRegistry(Deviation = ManyPages)]
    public Task The_link_leads_from_page_to_page(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        await PushTagsAsync(registry);
        var seen = new List<string>();
        for (var next = registry.At("tags/list?n=4"); next is not null;)
        {
            var (answer, tags) = await ListAsync(registry, next);
            seen.AddRange(tags);
            next = NextOf(answer);
        }

        seen.ShouldBe(Tags);
    });

    [Theory, OnEveryRegistry(Deviation = ManyPages)]
    public Task No_tags_are_asked_for(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        await PushTagsAsync(registry);

        var (answer, tags) = await ListAsync(registry, registry.At("tags/list?n=0"));

        tags.ShouldBeEmpty();
        answer["Link"].ShouldBeNull();
    });

    [Theory, OnEveryRegistry(Deviation = ManyPages)]
    public Task What_is_no_number_is_400(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        await PushTagsAsync(registry);

        (await registry.GetAsync(registry.At("tags/list?n=-1"))).Is(400);
        (await registry.GetAsync(registry.At("tags/list?n=x"))).Is(400);
    });

    [Theory, OnEveryRegistry]
    public Task A_repository_with_a_manifest_and_no_tag_has_an_empty_list_or_none(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var manifest = await Documents.ImageInAsync(registry);
        (await registry.PutManifestAsync(Digest.Compute(manifest).ToString(), manifest, Content.Manifests.MediaTypes.OciManifest)).Is(201);

        var answer = await registry.GetAsync(registry.At("tags/list"));

        answer.Status.ShouldBeOneOf(200, 404);
        if (answer.Status == 200)
        {
            (await ListAsync(registry, registry.At("tags/list"))).Tags.ShouldBeEmpty();
        }
    });

    [Theory, OnEveryRegistry]
    public Task The_catalogue_lists_repositories_page_by_page(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        using var other = registry.Other();
        await Documents.PushImageAsync(registry, "v1");
        await Documents.PushImageAsync(other, "v1");
        var seen = new List<string>();
        for (var next = "/v2/_catalog?n=3"; next is not null;)
        {
            var answer = (await registry.GetAsync(next)).Is(200);
            using var document = answer.Json();
            var page = document.RootElement.GetProperty("repositories").EnumerateArray().Select(name => name.GetString()!).ToList();
            page.Count.ShouldBeLessThanOrEqualTo(3);
            seen.AddRange(page);
            next = NextOf(answer);
        }

        seen.ShouldBe(seen.Order(StringComparer.Ordinal));
        seen.ShouldContain(registry.Repository);
        seen.ShouldContain(other.Repository);
    });

    private static async Task PushTagsAsync(RegistryUnderTest registry)
    {
        var manifest = await Documents.ImageInAsync(registry);
        foreach (var tag in Tags.Reverse())
        {
            (await registry.PutManifestAsync(tag, manifest, Content.Manifests.MediaTypes.OciManifest)).Is(201);
        }
    }

    private static async Task<(RegistryAnswer Answer, string[] Tags)> ListAsync(RegistryUnderTest registry, string address)
    {
        var answer = (await registry.GetAsync(address)).Is(200);
        using var document = answer.Json();
        var tags = document.RootElement.GetProperty("tags");
        return (answer, tags.ValueKind == System.Text.Json.JsonValueKind.Null ? [] : [.. tags.EnumerateArray().Select(tag => tag.GetString()!)]);
    }

    private static string? NextOf(RegistryAnswer answer) => answer["Link"] is { } link ? Checked(NextLink().Match(link)) : null;

    private static string Checked(Match link)
    {
        link.Success.ShouldBeTrue();
        return link.Groups["next"].Value;
    }

    /// <summary>RFC 8288 §3.</summary>
    [GeneratedRegex("^<(?<next>[^>]+)>; *rel=\"?next\"?$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex NextLink();
}

using Pier.Content;

namespace Pier.InteropTests.Conformance;

/// <summary>OCI distribution-spec v1.1, "Content Management".</summary>
public sealed class ManagementChecks(Registries registries) : ConformanceSetting(registries)
{
    [Theory, OnEveryRegistry(Deviation = "2.8 deletes no tags, only manifests with all their tags; the specification allows that")]
    public Task A_deleted_tag_is_gone_and_all_else_stays(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var manifest = await Documents.ImageInAsync(registry);
        (await registry.PutManifestAsync("v1", manifest, Content.Manifests.MediaTypes.OciManifest)).Is(201);
        (await registry.PutManifestAsync("v2", manifest, Content.Manifests.MediaTypes.OciManifest)).Is(201);

        (await registry.DeleteAsync(registry.At("manifests/v1"))).Is(202);

        (await registry.GetAsync(registry.At("manifests/v1"))).IsError(404, "MANIFEST_UNKNOWN");
        (await registry.GetAsync(registry.At("manifests/v2"))).Is(200);
        (await registry.GetAsync(registry.At($"manifests/{Digest.Compute(manifest)}"))).Is(200);
        (await registry.DeleteAsync(registry.At("manifests/v1"))).Is(404);
    });

    [Theory, OnEveryRegistry]
    public Task A_deleted_manifest_is_gone_with_its_tags(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var (digest, _) = await Documents.PushImageAsync(registry, "v1");
        var (other, _) = await Documents.PushImageAsync(registry, "v2");

        (await registry.DeleteAsync(registry.At($"manifests/{digest}"))).Is(202);

        (await registry.GetAsync(registry.At($"manifests/{digest}"))).IsError(404, "MANIFEST_UNKNOWN");
        (await registry.GetAsync(registry.At("manifests/v1"))).IsError(404, "MANIFEST_UNKNOWN");
        (await registry.GetAsync(registry.At($"manifests/{other}"))).Is(200);
        (await registry.DeleteAsync(registry.At($"manifests/{digest}"))).Is(404);
    });

    [Theory, OnEveryRegistry]
    public Task A_deleted_blob_is_gone(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        foreach (var content in (byte[][])[Documents.Random(100), []])
        {
            var digest = await registry.PushBlobAsync(content);

            (await registry.DeleteAsync(registry.At($"blobs/{digest}"))).Is(202);

            (await registry.GetAsync(registry.At($"blobs/{digest}"))).IsError(404, "BLOB_UNKNOWN");
            (await registry.DeleteAsync(registry.At($"blobs/{digest}"))).IsError(404, "BLOB_UNKNOWN");
        }
    });

    [Theory, OnEveryRegistry]
    public Task A_blob_that_two_repositories_have_stays_in_the_other_one(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        using var other = registry.Other();
        var content = Documents.Random(100);
        var digest = await registry.PushBlobAsync(content);
        await other.PushBlobAsync(content);

        (await registry.DeleteAsync(registry.At($"blobs/{digest}"))).Is(202);

        (await registry.GetAsync(registry.At($"blobs/{digest}"))).Is(404);
        (await other.GetAsync(other.At($"blobs/{digest}"))).Is(200).Body.ShouldBe(content);
    });

    [Theory, OnEveryRegistry]
    public Task A_deleted_image_can_be_pushed_again(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var content = Documents.Random(100);
        var digest = await registry.PushBlobAsync(content);
        (await registry.DeleteAsync(registry.At($"blobs/{digest}"))).Is(202);

        await registry.PushBlobAsync(content);

        (await registry.GetAsync(registry.At($"blobs/{digest}"))).Is(200).Body.ShouldBe(content);
    });

    [Theory, OnEveryRegistry]
    public Task Nothing_is_deleted_from_a_repository_that_is_not_there(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        (await registry.DeleteAsync(registry.At($"manifests/{Digest.Compute([1])}"))).Is(404);
        (await registry.DeleteAsync(registry.At($"blobs/{Digest.Compute([1])}"))).Is(404);
    });

    [Theory, OnEveryRegistry]
    public Task A_blob_that_is_being_read_is_read_to_its_end(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        // More than sockets and buffers on the way take, so that most of it is still on the disk when it is deleted.
        var content = Documents.Random(32 << 20);
        var digest = await registry.PushBlobAsync(content);
        using var answer = await registry.Http.GetAsync(new Uri(registry.At($"blobs/{digest}"), UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancel);

        (await registry.DeleteAsync(registry.At($"blobs/{digest}"))).Is(202);

        Digest.Compute(await answer.Content.ReadAsByteArrayAsync(Cancel)).ShouldBe(digest);
        (await registry.GetAsync(registry.At($"blobs/{digest}"))).Is(404);
    });
}

using Pier.Content;

namespace Pier.InteropTests.Conformance;

/// <summary>OCI distribution-spec v1.1, "Pushing a blob monolithically", "Mounting a blob", "Cancel a blob upload".</summary>
public sealed class BlobPushChecks(Registries registries) : ConformanceSetting(registries)
{
    private static readonly (string, string) Bytes = ("Content-Type", "application/octet-stream");

    [Theory, OnEveryRegistry]
    public Task POST_then_PUT(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        foreach (var algorithm in Enum.GetValues<DigestAlgorithm>())
        {
            var content = Documents.Random(5000);
            var digest = Digest.Compute(content, algorithm);
            var location = await registry.StartUploadAsync();

            var created = (await registry.SendAsync(HttpMethod.Put, RegistryUnderTest.With(location, $"digest={digest}"), content, Bytes)).Is(201);

            await PullableAsync(registry, created, content);
        }
    });

    [Theory, OnEveryRegistry(Deviation = "it names every blob in sha256")]
    public Task The_answer_names_the_blob_as_the_client_did(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var content = Documents.Random(500);
        var digest = Digest.Compute(content, DigestAlgorithm.Sha512);
        var location = await registry.StartUploadAsync("?digest-algorithm=sha512");

        var created = (await registry.SendAsync(HttpMethod.Put, RegistryUnderTest.With(location, $"digest={digest}"), content, Bytes)).Is(201);

        created["Docker-Content-Digest"].ShouldBe(digest.ToString());
        (await registry.HeadAsync(registry.At($"blobs/{digest}"))).Is(200)["Docker-Content-Digest"].ShouldBe(digest.ToString());
    });

    [Theory, OnEveryRegistry(Deviation = "answers 202: it takes no single POST, which the specification allows")]
    public Task A_single_POST(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        foreach (var algorithm in Enum.GetValues<DigestAlgorithm>())
        {
            var content = Documents.Random(5000);
            var digest = Digest.Compute(content, algorithm);

            var created = (await registry.SendAsync(HttpMethod.Post, registry.At($"blobs/uploads/?digest={digest}"), content, Bytes)).Is(201);

            await PullableAsync(registry, created, content);
        }
    });

    [Theory, OnEveryRegistry]
    public Task An_empty_blob(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var digest = await registry.PushBlobAsync([]);

        (await registry.HeadAsync(registry.At($"blobs/{digest}"))).Is(200)["Content-Length"].ShouldBe("0");
        (await registry.GetAsync(registry.At($"blobs/{digest}"))).Is(200).Body.ShouldBeEmpty();
    });

    [Theory, OnEveryRegistry]
    public Task The_same_blob_twice(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var content = Documents.Random(500);
        await registry.PushBlobAsync(content);
        var digest = await registry.PushBlobAsync(content);

        (await registry.GetAsync(registry.At($"blobs/{digest}"))).Is(200).Body.ShouldBe(content);
    });

    [Theory, OnEveryRegistry]
    public Task Bytes_that_are_not_what_the_digest_names_are_400(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var digest = Digest.Compute(Documents.Random(10));
        var location = await registry.StartUploadAsync();

        (await registry.SendAsync(HttpMethod.Put, RegistryUnderTest.With(location, $"digest={digest}"), Documents.Random(10), Bytes)).IsError(400, "DIGEST_INVALID");

        (await registry.GetAsync(registry.At($"blobs/{digest}"))).Is(404);
    });

    [Theory, OnEveryRegistry]
    public Task What_is_no_digest_is_400(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        foreach (var digest in (string[])["sha256:abc", "md5:d41d8cd98f00b204e9800998ecf8427e", "nonsense", ""])
        {
            var location = await registry.StartUploadAsync();
            (await registry.SendAsync(HttpMethod.Put, RegistryUnderTest.With(location, $"digest={digest}"), [1], Bytes)).IsError(400, "DIGEST_INVALID");
        }
    });

    [Theory, OnEveryRegistry(Deviation = "it does not know digest-algorithm")]
    public Task An_algorithm_that_is_not_known_is_400_at_once(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
        (await registry.SendAsync(HttpMethod.Post, registry.At("blobs/uploads/?digest-algorithm=md5"), [])).IsError(400, "DIGEST_INVALID"));

    [Theory, OnEveryRegistry]
    public Task A_mounted_blob(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        using var other = registry.Other();
        var content = Documents.Random(500);
        var digest = await other.PushBlobAsync(content);

        var mounted = (await registry.SendAsync(HttpMethod.Post, registry.At($"blobs/uploads/?mount={digest}&from={other.Repository}"), [])).Is(201);

        await PullableAsync(registry, mounted, content);
        mounted["Location"].ShouldNotBeNull().ShouldContain(registry.Repository);
        mounted["Docker-Content-Digest"].ShouldBe(digest.ToString());
    });

    [Theory, OnEveryRegistry(Deviation = "it mounts from a named repository only, which the specification allows")]
    public Task A_blob_mounted_from_wherever_it_is(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        using var other = registry.Other();
        var content = Documents.Random(500);
        var digest = await other.PushBlobAsync(content);

        var mounted = (await registry.SendAsync(HttpMethod.Post, registry.At($"blobs/uploads/?mount={digest}"), [])).Is(201);

        await PullableAsync(registry, mounted, content);
    });

    [Theory, OnEveryRegistry]
    public Task A_blob_that_cannot_be_mounted_is_uploaded_then(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var content = Documents.Random(500);
        var digest = Digest.Compute(content);

        var location = await registry.StartUploadAsync($"?mount={digest}&from={registry.Repository}-other");

        (await registry.SendAsync(HttpMethod.Put, RegistryUnderTest.With(location, $"digest={digest}"), content, Bytes)).Is(201);
    });

    [Theory, OnEveryRegistry]
    public Task A_cancelled_upload_has_ended(string on, string? deviation) => CheckAsync(on, deviation, async registry =>
    {
        var location = await registry.StartUploadAsync();

        (await registry.DeleteAsync(location)).Is(204);

        (await registry.GetAsync(location)).IsError(404, "BLOB_UPLOAD_UNKNOWN");
        (await registry.PatchAsync(location, [1], 0)).IsError(404, "BLOB_UPLOAD_UNKNOWN");
    });

    private static async Task PullableAsync(RegistryUnderTest registry, RegistryAnswer created, byte[] content) =>
        (await registry.GetAsync(created["Location"].ShouldNotBeNull())).Is(200).Body.ShouldBe(content);
}

using Pier.Registry.Routing;

namespace Pier.UnitTests.Registry;

public sealed class RegistryPathTests
{
    [Theory]
    [InlineData("/v2", RegistryPathKind.Base, "", "")]
    [InlineData("/v2/", RegistryPathKind.Base, "", "")]
    [InlineData("/v2/library/busybox/manifests/latest", RegistryPathKind.Manifest, "library/busybox", "latest")]
    [InlineData("/v2/busybox/manifests/sha256:ab", RegistryPathKind.Manifest, "busybox", "sha256:ab")]
    [InlineData("/v2/ghcr.io/a/b/blobs/sha256:ab", RegistryPathKind.Blob, "ghcr.io/a/b", "sha256:ab")]
    [InlineData("/v2/a/blobs/uploads/", RegistryPathKind.Upload, "a", "")]
    [InlineData("/v2/a/blobs/uploads", RegistryPathKind.Upload, "a", "")]
    [InlineData("/v2/a/blobs/uploads/123", RegistryPathKind.Upload, "a", "123")]
    [InlineData("/v2/a/b/tags/list", RegistryPathKind.Tags, "a/b", "")]
    [InlineData("/v2/a/referrers/sha256:ab", RegistryPathKind.Referrers, "a", "sha256:ab")]
    [InlineData("/v2/manifests/manifests/manifests", RegistryPathKind.Manifest, "manifests", "manifests")]
    [InlineData("/v2/tags/list/tags/list", RegistryPathKind.Tags, "tags/list", "")]
    [InlineData("/v2/blobs/uploads/blobs/x", RegistryPathKind.Blob, "blobs/uploads", "x")]
    [InlineData("/v2/_catalog", RegistryPathKind.Catalog, "", "")]
    public void Is_taken_apart_from_the_right(string path, object kind, string name, string reference)
    {
        RegistryPath.TryParse(path, out var parsed).ShouldBeTrue();
        parsed.ShouldBe(new RegistryPath((RegistryPathKind)kind, name, reference));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/v1/a/manifests/b")]
    [InlineData("/v2/_catalog/x")]
    [InlineData("/v2/manifests/latest")]
    [InlineData("/v2/a/tags/other")]
    [InlineData("/v2x/a/manifests/b")]
    public void Other_paths_are_none(string path) => RegistryPath.TryParse(path, out _).ShouldBeFalse();
}

using Pier.Content.References;
using Pier.Registry.Errors;
using Pier.Registry.Routing;

namespace Pier.UnitTests.Registry;

public sealed class RepositoryChoiceTests
{
    [Theory]
    [InlineData("busybox", null, "docker.io/library/busybox")]
    [InlineData("library/busybox", null, "docker.io/library/busybox")]
    [InlineData("library/busybox", "docker.io", "docker.io/library/busybox")]
    [InlineData("library/busybox", "registry-1.docker.io", "docker.io/library/busybox")]
    [InlineData("a/b", "", "docker.io/a/b")]
    [InlineData("a/b", "ghcr.io", "ghcr.io/a/b")]
    [InlineData("b", "ghcr.io", "ghcr.io/b")]
    [InlineData("ghcr.io/a/b", null, "ghcr.io/a/b")]
    [InlineData("localhost:5000/b", null, "localhost:5000/b")]
    [InlineData("quay.io/a/b", "ghcr.io", "ghcr.io/quay.io/a/b")]
    [InlineData("pier/frontend", "ghcr.io", "ghcr.io/pier/frontend")]
    [InlineData("local", null, "docker.io/library/local")]
    public void The_registry_is_ns_or_the_first_segment_or_docker_hub(string name, string? ns, string expected) =>
        RepositoryChoice.Choose(name, ns).ToString().ShouldBe(expected);

    [Theory]
    [InlineData("local/image", null, true)]
    [InlineData("pier/frontend", null, true)]
    [InlineData("pier/frontend", "docker.io", true)]
    [InlineData("docker.io/local/a/b", null, true)]
    [InlineData("local", null, false)]
    [InlineData("local/image", "ghcr.io", false)]
    [InlineData("localx/image", null, false)]
    public void Local_names_are_those_below_the_prefixes_of_Docker_Hub(string name, string? ns, bool local) =>
        LocalNames.IsLocal(RepositoryChoice.Choose(name, ns)).ShouldBe(local);

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.169.254:80")]
    [InlineData("[fe80::1]")]
    [InlineData("[fe80::1%eth0]:5000")]
    [InlineData("[::ffff:169.254.169.254]")]
    [InlineData("metadata.google.internal")]
    [InlineData("METADATA.google.internal.")]
    public void Link_local_and_metadata_hosts_are_refused(string host)
    {
        Should.Throw<RegistryRefusal>(() => RepositoryChoice.Choose("a/b", host)).Status.ShouldBe(403);
    }

    [Theory]
    [InlineData("169.254.169.254/a")]
    [InlineData("169.254.1.1:5000/a/b")]
    [InlineData("metadata.google.internal/a")]
    public void As_a_first_segment_too(string name) =>
        Should.Throw<RegistryRefusal>(() => RepositoryChoice.Choose(name, null)).Status.ShouldBe(403);

    [Theory]
    [InlineData("UPPER", null)]
    [InlineData("a//b", null)]
    [InlineData("a/../b", null)]
    [InlineData("a", "not a host")]
    [InlineData("a", "ghcr.io/x")]
    [InlineData("a", "user@ghcr.io")]
    public void What_is_no_name_is_refused(string name, string? ns) =>
        Should.Throw<ReferenceFormatException>(() => RepositoryChoice.Choose(name, ns));
}

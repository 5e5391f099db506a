using Pier.Distribution;
using Pier.Distribution.Transport;

namespace Pier.UnitTests.Distribution;

public sealed class EndpointAddressesTests
{
    [Theory]
    [InlineData("docker.io", "https://registry-1.docker.io/")]
    [InlineData("ghcr.io", "https://ghcr.io/")]
    [InlineData("reg.lan:5000", "https://reg.lan:5000/")]
    [InlineData("localhost", "http://localhost/")]
    [InlineData("localhost:5000", "http://localhost:5000/")]
    [InlineData("127.0.0.1:5000", "http://127.0.0.1:5000/")]
    [InlineData("127.3.2.1", "http://127.3.2.1/")]
    [InlineData("[::1]:5000", "http://[::1]:5000/")]
    [InlineData("[2001:db8::1]:5000", "https://[2001:db8::1]:5000/")]
    public void A_registry_without_configuration_is_asked_as_Docker_does(string registry, string address) =>
        EndpointAddresses.Of(registry, new RegistryOptions()).Single().ToString().ShouldBe(address);

    [Fact]
    public void Configuration_decides()
    {
        EndpointAddresses.Of("reg.lan", new RegistryOptions { PlainHttp = true }).Single().Scheme.ShouldBe("http");
        EndpointAddresses.Of("localhost:5000", new RegistryOptions { SkipVerify = true }).Single().Scheme.ShouldBe("https");
        EndpointAddresses.Of("localhost:5000", new RegistryOptions { CaFile = "/ca.pem" }).Single().Scheme.ShouldBe("https");
        EndpointAddresses.Of("docker.io", new RegistryOptions { Endpoints = [new("https://a/"), new("https://b/")] }).Count.ShouldBe(2);
    }
}

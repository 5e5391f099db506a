using Pier.Content.Uris;

namespace Pier.UnitTests.Content.Uris;

/// <summary>Hosts of private networks are known by their names and addresses.</summary>
public sealed class PrivateHostsTests
{
    [Theory]
    [InlineData("localhost")]
    [InlineData("files")]
    [InlineData("nas.Local.")]
    [InlineData("db.corp.internal")]
    [InlineData("127.9.9.9")]
    [InlineData("10.0.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.0.1")]
    [InlineData("100.64.0.1")]
    [InlineData("169.254.0.1")]
    [InlineData("::1")]
    [InlineData("fd12::1")]
    [InlineData("fe80::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("2002:a00:1::1")]
    public void Those_of_private_networks(string host) => PrivateHosts.Has(host).ShouldBeTrue();

    [Theory]
    [InlineData("example.org")]
    [InlineData("internal.example.org")]
    [InlineData("172.32.0.1")]
    [InlineData("11.0.0.1")]
    [InlineData("2001:db8::1")]
    [InlineData("::ffff:8.8.8.8")]
    public void Those_of_everybody(string host) => PrivateHosts.Has(host).ShouldBeFalse();
}

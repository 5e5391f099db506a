using System.Net;
using Pier.Content.Uris;

namespace Pier.UnitTests.Content.Uris;

public sealed class HostRulesTests
{
    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.169.254:80")]
    [InlineData("169.254.0.1")]
    [InlineData(" 169.254.169.254")]
    [InlineData("2852039166")]
    [InlineData("0xA9FEA9FE")]
    [InlineData("0xa9.0xfe.0xa9.0xfe")]
    [InlineData("0251.0376.0251.0376")]
    [InlineData("169.254.43518")]
    [InlineData("169.254.169.254.")]
    [InlineData("[fe80::1]")]
    [InlineData("[fe80::1]:5000")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[fe80::1%25eth0]:5000")]
    [InlineData("[febf::1]")]
    [InlineData("[fd00:ec2::254]")]
    [InlineData("fd00:ec2::254")]
    [InlineData("[fd20:ce::254]:80")]
    [InlineData("[::ffff:169.254.169.254]:80")]
    [InlineData("[::ffff:a9fe:a9fe]")]
    [InlineData("[::169.254.169.254]")]
    [InlineData("[64:ff9b::a9fe:a9fe]")]
    [InlineData("[2002:a9fe:a9fe::1]")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("metadata.google.internal")]
    [InlineData("METADATA.google.internal.:80")]
    [InlineData("metadata")]
    [InlineData("instance-data.ec2.internal")]
    public void Link_local_and_metadata_hosts_are_forbidden_in_any_spelling(string host) =>
        HostRules.IsForbiddenTarget(host).ShouldBeTrue();

    [Theory]
    [InlineData("docker.io")]
    [InlineData("registry-1.docker.io:443")]
    [InlineData("localhost:5000")]
    [InlineData("127.0.0.1:5000")]
    [InlineData("[::1]:5000")]
    [InlineData("::1")]
    [InlineData("[::]")]
    [InlineData("10.0.0.1")]
    [InlineData("192.168.1.1:5000")]
    [InlineData("169.253.0.1")]
    [InlineData("[fd00::1]")]
    [InlineData("[2001:db8::1]:5000")]
    [InlineData("[64:ff9b::0808:0808]")]
    [InlineData("metadata.example.com")]
    [InlineData("[half")]
    [InlineData("")]
    public void Other_hosts_are_allowed(string host) => HostRules.IsForbiddenTarget(host).ShouldBeFalse();

    [Fact]
    public void Resolved_addresses_are_judged_alike()
    {
        HostRules.IsForbiddenAddress(IPAddress.Parse("169.254.1.1")).ShouldBeTrue();
        HostRules.IsForbiddenAddress(IPAddress.Parse("::ffff:169.254.1.1")).ShouldBeTrue();
        HostRules.IsForbiddenAddress(IPAddress.Loopback).ShouldBeFalse();
        HostRules.IsForbiddenAddress(IPAddress.IPv6Loopback).ShouldBeFalse();
    }
}

using System.Net;
using Microsoft.AspNetCore.Http;
using Pier.Daemon.Http;

namespace Pier.UnitTests.Daemon;

/// <summary>By which names a node may be called: DNS rebinding fails.</summary>
public sealed class HostNamesTests
{
    private static readonly HostNames Names = new(["10.1.2.3", "Mirror.lan"]);

    [Theory]
    [InlineData("localhost:5055", "127.0.0.1", true)]
    [InlineData("LOCALHOST.", "127.0.0.1", true)]
    [InlineData("127.0.0.1:5055", "127.0.0.1", true)]
    [InlineData("127.9.9.9", "127.0.0.1", true)]
    [InlineData("[::1]:5055", "::1", true)]
    [InlineData("mirror.lan:5055", "127.0.0.1", true)]
    [InlineData("10.1.2.3:5055", "127.0.0.1", true)]
    [InlineData("192.168.0.7:5055", "192.168.0.7", true)]
    [InlineData("192.168.0.7:5055", "::ffff:192.168.0.7", true)]
    [InlineData("192.168.0.8:5055", "192.168.0.7", false)]
    [InlineData("evil.example", "127.0.0.1", false)]
    [InlineData("localhost.evil.example", "127.0.0.1", false)]
    [InlineData("127.0.0.1.evil.example", "127.0.0.1", false)]
    [InlineData("", "127.0.0.1", false)]
    public void Only_its_own_names_are_known(string host, string local, bool known) =>
        Names.Knows(new HostString(host), IPAddress.Parse(local)).ShouldBe(known);
}

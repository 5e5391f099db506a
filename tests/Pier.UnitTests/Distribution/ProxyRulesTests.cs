using System.Net;
using Pier.Distribution.Transport;

namespace Pier.UnitTests.Distribution;

public sealed class ProxyRulesTests
{
    [Theory]
    [InlineData("https://ghcr.io/v2/", "http://secure.proxy:3128/")]
    [InlineData("http://registry.lan/v2/", "http://plain.proxy:3128/")]
    [InlineData("https://quay.io/", null)]
    [InlineData("https://cdn.quay.io/", null)]
    [InlineData("https://notquay.io/", "http://secure.proxy:3128/")]
    [InlineData("https://sub.example.com/", null)]
    [InlineData("https://example.com/", "http://secure.proxy:3128/")]
    [InlineData("https://a.star.net/", null)]
    [InlineData("https://star.net/", "http://secure.proxy:3128/")]
    [InlineData("https://10.1.2.3:5000/", null)]
    [InlineData("https://11.1.2.3:5000/", "http://secure.proxy:3128/")]
    [InlineData("https://192.168.7.7/", null)]
    [InlineData("https://port.example:8443/", null)]
    [InlineData("https://port.example/", "http://secure.proxy:3128/")]
    [InlineData("https://[2001:db8::5]/", null)]
    [InlineData("https://[fd00::7]:5000/", null)]
    [InlineData("https://[fd00::7]:5001/", "http://secure.proxy:3128/")]
    [InlineData("http://localhost:5000/", null)]
    [InlineData("http://x.localhost/", null)]
    [InlineData("http://127.0.0.9:5000/", null)]
    [InlineData("http://[::1]:5000/", null)]
    public void Proxies_serve_what_NO_PROXY_does_not_exempt(string address, string? proxy)
    {
        var rules = Rules(new()
        {
            ["HTTPS_PROXY"] = "secure.proxy:3128",
            ["http_proxy"] = "http://plain.proxy:3128",
            ["no_proxy"] = "quay.io, .example.com,*.star.net,10.0.0.0/8,192.168.7.7,port.example:8443,2001:db8::5,[fd00::7]:5000",
        });

        var uri = new Uri(address);
        (rules.IsBypassed(uri) ? null : rules.GetProxy(uri)?.ToString()).ShouldBe(proxy);
    }

    [Fact]
    public void A_star_exempts_everything_and_nothing_set_is_direct()
    {
        Rules(new() { ["HTTPS_PROXY"] = "http://p:1", ["NO_PROXY"] = "*" }).IsBypassed(new Uri("https://ghcr.io")).ShouldBeTrue();
        Rules([]).IsBypassed(new Uri("https://ghcr.io")).ShouldBeTrue();
        Rules(new() { ["HTTPS_PROXY"] = "" }).IsBypassed(new Uri("https://ghcr.io")).ShouldBeTrue();
    }

    [Fact]
    public void Credentials_of_a_proxy_are_for_that_proxy_alone()
    {
        var rules = Rules(new() { ["HTTPS_PROXY"] = "http://us%40er:pa%3Ass@p.lan:3128", ["HTTP_PROXY"] = "http://only@q.lan:1" });

        var found = rules.Credentials!.GetCredential(new Uri("http://p.lan:3128"), "Basic").ShouldBeOfType<NetworkCredential>();

        (found.UserName, found.Password).ShouldBe(("us@er", "pa:ss"));
        rules.Credentials.GetCredential(new Uri("http://q.lan:1"), "Basic")!.Password.ShouldBe("");
        rules.Credentials.GetCredential(new Uri("http://other.lan:3128"), "Basic").ShouldBeNull();
    }

    [Theory]
    [InlineData("ftp://proxy:21")]
    [InlineData("http://")]
    public void An_address_that_is_none_is_refused_by_name(string value) =>
        Should.Throw<ArgumentException>(() => Rules(new() { ["HTTPS_PROXY"] = value })).Message.ShouldContain("HTTPS_PROXY");

    private static ProxyRules Rules(Dictionary<string, string> environment) => new(name => environment.GetValueOrDefault(name));
}

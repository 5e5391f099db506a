using System.Net;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Encryption;
using Pier.Daemon.Options;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Daemon;

/// <summary>Flags over file over defaults, and errors that name the flag.</summary>
public sealed class OptionsFactoryTests
{
    [Fact]
    public void Nothing_said_is_a_complete_node_on_loopback()
    {
        var options = OptionsFactory.Create(new DaemonSettings());

        options.Registry.ShouldBe([new IPEndPoint(IPAddress.Loopback, 5055), new IPEndPoint(IPAddress.IPv6Loopback, 5055)]);
        options.Control.ShouldBe(new IPEndPoint(IPAddress.Loopback, 5057));
        options.Node.Port.ShouldBe(5059);
        options.Peers.ShouldBeNull();
        options.Announce.ShouldBe(AnnouncePolicy.Cluster);
        options.ServePrivateToLoopback.ShouldBeTrue();
        options.LogLevel.ShouldBe(LogLevel.Information);
        options.Limits.ShouldBe(Pier.BitTorrent.Limits.EngineLimits.None);
    }

    [Theory]
    [InlineData(null, EncryptionPolicy.Prefer)]
    [InlineData("require", EncryptionPolicy.Require)]
    [InlineData("off", EncryptionPolicy.Off)]
    public void Encryption_is_preferred_unless_said_otherwise(string? said, EncryptionPolicy policy) =>
        OptionsFactory.Create(new DaemonSettings { Encryption = said }).Encryption.ShouldBe(policy);

    [Theory]
    [InlineData(null, null, null, null, PeerDiscovery.Pex)]
    [InlineData("public", null, null, null, PeerDiscovery.All)]
    [InlineData("public", "127.0.0.1:5056", null, null, PeerDiscovery.Pex)]
    [InlineData("public", null, "off", "off", PeerDiscovery.Lsd)]
    [InlineData("cluster", null, "on", null, PeerDiscovery.Dht | PeerDiscovery.Pex)]
    [InlineData("cluster", null, "read-only", "off", PeerDiscovery.Dht)]
    public void Peers_are_found_in_the_open_only_by_nodes_that_are_open(string? announce, string? peers, string? dht, string? pex, PeerDiscovery discovery) =>
        OptionsFactory.Create(new DaemonSettings { Announce = announce, Peers = peers, Dht = dht, Pex = pex }).Discovery.ShouldBe(discovery);

    [Theory]
    [InlineData(null, false)]
    [InlineData("on", false)]
    [InlineData("read-only", true)]
    public void The_DHT_may_be_asked_without_being_answered(string? said, bool isReadOnly) =>
        OptionsFactory.Create(new DaemonSettings { Dht = said }).DhtIsReadOnly.ShouldBe(isReadOnly);

    [Fact]
    public void What_the_DHT_cannot_be_is_refused_with_what_it_can() =>
        Should.Throw<ConfigurationException>(() => OptionsFactory.Create(new DaemonSettings { Dht = "shy" })).Message.ShouldContain("on, off, read-only");

    [Theory]
    [InlineData("dht.example.com:6881", "dht.example.com", 6881)]
    [InlineData("10.0.0.1:5056", "10.0.0.1", 5056)]
    [InlineData("[fd00::1]:5056", "fd00::1", 5056)]
    public void The_DHT_begins_where_it_is_told(string said, string host, int port) =>
        OptionsFactory.Create(new DaemonSettings { DhtBootstrap = [said] }).DhtBootstrap.ShouldBe([new System.Net.DnsEndPoint(host, port)]);

    [Theory]
    [InlineData("dht.example.com")]
    [InlineData("dht.example.com:0")]
    [InlineData(":6881")]
    [InlineData("a b:6881")]
    public void What_is_no_node_is_refused(string said) =>
        Should.Throw<ConfigurationException>(() => OptionsFactory.Create(new DaemonSettings { DhtBootstrap = [said] })).Message.ShouldContain("HOST:PORT");

    [Fact]
    public void Flags_win_over_the_file()
    {
        var file = new DaemonSettings { State = "/file", Control = "127.0.0.1:1", Token = "file", Join = "a" };
        var flags = new DaemonSettings { State = "/flag", TokenFile = "/flag/token" };

        var both = flags.Over(file);

        (both.State, both.Control, both.Join).ShouldBe(("/flag", "127.0.0.1:1", "a"));
        (both.Token, both.TokenFile).ShouldBe((null, "/flag/token"));
    }

    [Fact]
    public async Task A_token_file_is_read_without_its_line_end()
    {
        await using var folder = TempFolder.Create();
        await File.WriteAllTextAsync(folder.Below("token"), "secret\n", TestContext.Current.CancellationToken);

        OptionsFactory.Create(new DaemonSettings { Join = "a", TokenFile = folder.Below("token") }).Token.ShouldBe("secret");
    }

    public static TheoryData<string, string, string> Wrong => new()
    {
        { "registry", "5055", "--registry" },
        { "registry", "127.0.0.1:99999", "--registry" },
        { "registry", "::1:5055", "--registry" },
        { "control", "example.org:5057", "--control" },
        { "advertise", "10.0.0.1:5059", "--advertise" },
        { "upload", "fast", "--upload-limit" },
        { "upload", "-5", "--upload-limit" },
        { "upload", "9999999999T", "--upload-limit" },
        { "level", "loud", "--log-level" },
        { "announce", "all", "--announce" },
        { "join", "10.0.0.2", "--token" },
        { "token", "secret", "--join" },
        { "tracker", "ftp://tracker", "http://" },
        { "same", "127.0.0.1:5057", "--control" },
        { "tokenfile", "/does/not/exist", "/does/not/exist" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_cannot_be_is_told_with_its_flag(string what, string value, string named)
    {
        var settings = what switch
        {
            "registry" or "same" => new DaemonSettings { Registry = [value] },
            "control" => new DaemonSettings { Control = value },
            "advertise" => new DaemonSettings { Advertise = value },
            "upload" => new DaemonSettings { UploadLimit = value },
            "level" => new DaemonSettings { LogLevel = value },
            "announce" => new DaemonSettings { Announce = value },
            "join" => new DaemonSettings { Join = value },
            "token" => new DaemonSettings { Token = value },
            "tracker" => new DaemonSettings { Trackers = [value] },
            _ => new DaemonSettings { Join = "a", TokenFile = value },
        };

        Should.Throw<ConfigurationException>(() => OptionsFactory.Create(settings)).Message.ShouldContain(named);
    }

    [Theory]
    [InlineData("500", 500)]
    [InlineData("10MiB", 10 << 20)]
    [InlineData("10 MiB/s", 10 << 20)]
    [InlineData("1.5k", 1536)]
    [InlineData("2MB", 2_000_000)]
    [InlineData("1G", 1 << 30)]
    public void Sizes_are_read_as_people_write_them(string text, long bytes) => ByteSize.Parse(text, "--quota").ShouldBe(bytes);

    [Theory]
    [InlineData("localhost:1", "127.0.0.1:1")]
    [InlineData("[::1]:5055", "[::1]:5055")]
    [InlineData("192.168.1.2:80", "192.168.1.2:80")]
    public void Addresses_are_read_as_people_write_them(string text, string address) =>
        AddressText.Parse(text, "--registry").ShouldBe(IPEndPoint.Parse(address));
}

using System.Text;
using Pier.Daemon.Options;

namespace Pier.UnitTests.Daemon;

/// <summary>The configuration file: every key, and errors that name line and key.</summary>
public sealed class ConfigurationFileTests
{
    [Fact]
    public void Every_key_of_the_example_is_read()
    {
        var settings = Parse("""
            {
              // Comments and trailing commas are fine.
              "version": 1,
              "state": "/srv/pier",
              "registry": ["127.0.0.1:5055", "[::1]:5055"],
              "peers": "0.0.0.0:5056", "control": "127.0.0.1:5057", "node": "0.0.0.0:5059",
              "socket": "/run/pier.sock", "volumeDriver": "off", "volumeMounts": "/mnt/pier", "volumesOnly": "auto", "mountsWait": "90s", "containers": "/run/docker.sock", "backends": "/usr/lib/pier/backends", "frontend": "/usr/lib/pier/pier-frontend", "supplyMaxBytes": "20GiB", "advertise": "10.0.0.1", "join": "10.0.0.2", "tokenFile": "/etc/pier/token",
              "logLevel": "debug", "logFormat": "json", "downloadLimit": "10MiB", "uploadLimit": 500000, "quota": "1T", "freeSpace": "2G", "adopt": ["off"], "requestLog": true,
              "askLogin": true, "push": true, "pushMaxBlob": "20GiB", "pushSparse": true, "prefetch": false, "warmUp": { "images": ["debian:12"], "file": "/etc/pier/warm", "every": "2h", "platforms": ["linux/amd64"] }, "users": "/etc/pier/users", "access": { "local/**": { "pull": "anonymous", "push": ["alice"] } },
              "registryTls": "0.0.0.0:5443", "tlsCertificate": "/etc/pier/tls.crt", "tlsKey": "/etc/pier/tls.key",
              "limits": { "world": { "up": "20 Mbit/s", "connections": 50 }, "torrent": { "down": "1MB" } }, "seeding": { "ratio": 1.5, "time": "12h" },
              "announce": "public", "privateLoopback": "deny", "encryption": "require", "dht": "on", "dhtBootstrap": "dht.example:6881", "lsd": "off", "pex": "on", "dockerConfig": "/root/.docker",
              "trackers": "udp://tracker.example:6969", "tracker": "open", "trackerKeyFile": "/etc/pier/tracker.keys", "hosts": ["mirror.lan"],
              "upstreams": { "docker.io": { "endpoints": ["http://10.0.0.1:5000"] } },
            }
            """);

        settings.State.ShouldBe("/srv/pier");
        settings.Registry.ShouldBe(["127.0.0.1:5055", "[::1]:5055"]);
        settings.UploadLimit.ShouldBe("500000");
        settings.Trackers.ShouldBe(["udp://tracker.example:6969"]);
        settings.Upstreams!["docker.io"].Endpoints.ShouldBe(["http://10.0.0.1:5000"]);
        settings.GetType().GetProperties().Where(property => property.Name != nameof(DaemonSettings.Token))
            .ShouldAllBe(property => property.GetValue(settings) != null);
    }

    [Fact]
    public void Every_setting_is_among_the_keys_that_are_suggested_to_who_misspelt_one()
    {
        var settings = typeof(DaemonSettings).GetProperties().Select(property => property.Name).Where(name => name != nameof(DaemonSettings.Token));

        ConfigurationFile.Keys.Order(StringComparer.Ordinal)
            .ShouldBe(settings.Select(name => char.ToLowerInvariant(name[0]) + name[1..]).Append("version").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{\"version\":1,\n\n\"registri\":[]}", "line 3", "'registri'", "registry")]
    [InlineData("{\"version\":1,\n\"upstreams\":{\"docker.io\":{\n\"endpoint\":[]}}}", "line 3", "'endpoint'", "endpoints")]
    [InlineData("{\"version\":1,\"upstreams\":{\"docker.io\":{\"plainHttp\":\n\"yes\"}}}", "line 2", "'plainHttp'", "true or false")]
    [InlineData("{\"version\":1,\"upstreams\":{\"docker.io\":{\"user\":\"u\"}}}", "line 1", "docker.io", "'secretFile'")]
    [InlineData("{\"version\":1,\"upstreams\":{\"a.io\":{\"user\":\"u\",\"secretFile\":\"f\",\n\"credentialHelper\":\"h\"}}}", "line 2", "a.io", "exclude each other")]
    [InlineData("{\"version\":1,\"upstreams\":{\"a.io\":{\"clientKey\":\"k\"}}}", "line 1", "'clientKey'", "'clientCertificate'")]
    [InlineData("{\"version\":1,\"upstreams\":{\"a.io\":{\"rewrite\":{\"x\":\"y\",\n\"x\":\"z\"}}}}", "line 2", "'rewrite'", "second time")]
    [InlineData("{\"version\":1,\"upstreams\":{\"a.io\":{\"announce\":\"all\"}}}", "line 1", "'announce'", "cluster")]
    [InlineData("{\"version\":2}", "line 1", "version 2", "1")]
    [InlineData("{\"version\":1,\n\"state\":\n\n[]}", "line 4", "'state'", "a list")]
    [InlineData("{\"version\":1,\n\"state\":\"/a\",\n\"state\":\"/b\"}", "line 3", "'state'", "second time")]
    [InlineData("{\"version\":1,\n \"state\" \"/a\"}", "line 2", "JSON", "")]
    [InlineData("{\"version\":1}\n{}", "line 2", "", "")]
    [InlineData("{\"version\":1", "line 1", "", "")]
    [InlineData("[]", "line 1", "object", "a list")]
    [InlineData("{}", "'version'", "missing", "")]
    [InlineData("", "pierd.json", "", "")]
    public void What_is_wrong_is_named_with_its_line(string text, string line, string what, string hint)
    {
        var error = Should.Throw<ConfigurationException>(() => Parse(text));

        error.Message.ShouldContain("pierd.json");
        error.Message.ShouldContain(line);
        error.Message.ShouldContain(what);
        error.Message.ShouldContain(hint);
    }

    [Fact]
    public void Mutated_files_are_read_or_refused_with_the_documented_error()
    {
        var original = """{"version":1,"registry":["127.0.0.1:5055"],"uploadLimit":5,"upstreams":{"docker.io":{"endpoints":["http://a"]}}}"""u8.ToArray();
        ReadOnlySpan<byte> alphabet = "{}[]\",:0a\n\\\xff"u8;
        var random = new Random(20261120);
        for (var round = 0; round < 5000; round++)
        {
            var mutated = original.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                mutated[random.Next(mutated.Length)] = alphabet[random.Next(alphabet.Length)];
            }
            try
            {
                ConfigurationFile.Parse(mutated.AsSpan(0, random.Next(mutated.Length + 1)), "pierd.json");
            }
            catch (ConfigurationException documented)
            {
                documented.Message.ShouldContain("pierd.json");
            }
        }
    }

    [Fact]
    public void Every_key_of_an_upstream_is_read()
    {
        var upstream = Parse("""
            { "version": 1, "upstreams": { "ghcr.io": {
                "endpoints": ["https://harbor.lan/v2/hub", "https://ghcr.io"], "rewrite": { "old/": "new/" }, "plainHttp": false, "skipVerify": false,
                "caFile": "/ca.pem", "clientCertificate": "/c.pem", "clientKey": "/k.pem", "credentialCommand": ["/bin/login", "--for", "pier"],
                "requestRate": "100/h", "connectTimeout": "3s", "answerTimeout": "5s", "stallTimeout": "4s", "tagFreshness": "10m", "announce": "off" } } }
            """).Upstreams!["ghcr.io"];

        upstream.ShouldSatisfyAllConditions(
            () => upstream.Endpoints.Count.ShouldBe(2),
            () => upstream.Rewrites["old/"].ShouldBe("new/"),
            () => (upstream.ClientCertificate, upstream.ClientKey).ShouldBe(("/c.pem", "/k.pem")),
            () => upstream.CredentialCommand.ShouldBe(["/bin/login", "--for", "pier"]),
            () => upstream.RequestRate.ShouldBe(new Pier.Distribution.RequestRate(100, TimeSpan.FromHours(1))),
            () => (upstream.ConnectTimeout, upstream.AnswerTimeout, upstream.StallTimeout).ShouldBe((TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(4))),
            () => (upstream.TagFreshness, upstream.Announce).ShouldBe((TimeSpan.FromMinutes(10), AnnouncePolicy.Off)));
    }

    [Theory]
    [InlineData("requestRate", "10")]
    [InlineData("requestRate", "0/s")]
    [InlineData("requestRate", "ten/s")]
    [InlineData("requestRate", "10/y")]
    [InlineData("tagFreshness", "soon")]
    [InlineData("stallTimeout", "-1s")]
    public void A_value_of_an_upstream_that_cannot_be_is_named(string key, string value)
    {
        var error = Should.Throw<ConfigurationException>(() => Parse($$$"""{"version":1,"upstreams":{"ghcr.io":{"{{{key}}}":"{{{value}}}" } } }"""));

        error.Message.ShouldContain($"upstreams → ghcr.io → {key}");
        error.Message.ShouldContain(value);
    }

    private static DaemonSettings Parse(string text) => ConfigurationFile.Parse(Encoding.UTF8.GetBytes(text), "pierd.json");
}

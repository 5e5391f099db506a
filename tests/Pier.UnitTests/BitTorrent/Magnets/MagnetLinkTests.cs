using System.Net;
using Pier.BitTorrent.Magnets;

namespace Pier.UnitTests.BitTorrent.Magnets;

public sealed class MagnetLinkTests
{
    private const string V1 = "631a31dd0a46257d5078c0dee4e66e26f73e42ac";
    private const string V2 = "d8dd32ac93357c368556af3ac1d95c9d76bd0dff6fa9833ecdac3d53134efabb";

    [Fact]
    public void Reads_the_hybrid_link_of_BEP_52()
    {
        var link = MagnetLink.Parse($"magnet:?xt=urn:btih:{V1}&xt=urn:btmh:1220{V2}&dn=bittorrent-v1-v2-hybrid-test");
        link.Id.V1.ToString().ShouldBe(V1);
        link.Id.V2.ToString().ShouldBe(V2);
        link.DisplayName.ShouldBe("bittorrent-v1-v2-hybrid-test");
        link.ToString().ShouldBe($"magnet:?xt=urn:btih:{V1}&xt=urn:btmh:1220{V2}&dn=bittorrent-v1-v2-hybrid-test");
    }

    [Fact]
    public void Reads_and_writes_every_parameter()
    {
        var text = $"magnet:?xt=urn:btmh:1220{V2}&dn=a%20b%26c&xl=42&tr=http%3A%2F%2Ft%2Fannounce&tr=udp%3A%2F%2Ft%3A1"
            + "&ws=http%3A%2F%2Fw%2F&x.pe=10.0.0.1:6881&x.pe=[2001:db8::1]:6882&x.pe=peer.example:6883&so=0,2,4-6";
        var link = MagnetLink.Parse(text);
        link.DisplayName.ShouldBe("a b&c");
        link.ExactLength.ShouldBe(42);
        link.Trackers.ShouldBe(["http://t/announce", "udp://t:1"]);
        link.TrackerTiers.ShouldBe([["http://t/announce"], ["udp://t:1"]]);
        link.WebSeeds.ShouldBe(["http://w/"]);
        link.Peers.ShouldBe([IPEndPoint.Parse("10.0.0.1:6881"), IPEndPoint.Parse("[2001:db8::1]:6882"), new DnsEndPoint("peer.example", 6883)]);
        link.SelectedFiles.ShouldBe([new FileSelection(0, 0), new FileSelection(2, 2), new FileSelection(4, 6)]);
        link.SelectedFiles[2].Contains(5).ShouldBeTrue();
        link.SelectedFiles[2].Contains(7).ShouldBeFalse();
        link.ToString().ShouldBe(text);
    }

    [Fact]
    public void Is_patient_with_careless_writers()
    {
        var link = MagnetLink.Parse(
            "MAGNET:?xt.1=URN:BTIH:mmnddxikiysx2udyydpojztoe33t4qvm&xt.2=urn:sha1:ABC&DN=a+b&dn=second&tr.1=http://t/a&tr.2=http://t/a"
            + "&tr=nonsense&tr=file:///etc/passwd&ws=udp://x:1&x.pe=10.0.0.1&x.pe=nonsense&x.pe=10.0.0.1:0&x.pe=h:0&x.pe=a%20b:1&xl=x&flag&&other=1");
        link.Id.V1.ToString().ShouldBe(V1);
        link.DisplayName.ShouldBe("a b");
        link.Trackers.ShouldBe(["http://t/a"]);
        link.WebSeeds.ShouldBeEmpty();
        link.Peers.ShouldBeEmpty();
        link.ExactLength.ShouldBeNull();
    }

    [Theory]
    [InlineData("http://example/", "does not begin with")]
    [InlineData("magnet:?dn=x", "names a torrent")]
    [InlineData("magnet:?xt=urn:btmh:1114631a31dd0a46257d5078c0dee4e66e26f73e42ac", "names a torrent")]
    [InlineData("magnet:?xt=urn:btih:123", "v1 info-hash")]
    [InlineData("magnet:?xt=urn:btmh:1220123", "v2 info-hash")]
    [InlineData($"magnet:?xt=urn:btih:{V1}&xt=urn:btih:0000000000000000000000000000000000000000", "two v1")]
    [InlineData($"magnet:?xt=urn:btmh:1220{V2}&xt=urn:btmh:12200000000000000000000000000000000000000000000000000000000000000000", "two v2")]
    [InlineData($"magnet:?xt=urn:btih:{V1}&so=1-x", "'1-x' in so=")]
    [InlineData($"magnet:?xt=urn:btih:{V1}&so=5-2", "'5-2' in so=")]
    [InlineData($"magnet:?xt=urn:btih:{V1}&so=-1", "in so=")]
    public void Refuses_what_names_no_torrent(string link, string problem) =>
        Should.Throw<MagnetException>(() => MagnetLink.Parse(link)).Message.ShouldContain(problem);

    [Theory]
    [InlineData("tr", "http://t/{0}")]
    [InlineData("ws", "http://t/{0}")]
    [InlineData("x.pe", "10.0.0.1:{0}")]
    [InlineData("so", "{0}")]
    public void Bounds_the_number_of_values(string key, string value)
    {
        string Link(int count) => $"magnet:?xt=urn:btih:{V1}"
            + string.Concat(Enumerable.Range(1, count).Select(number => $"&{key}={string.Format(null, value, number)}"));
        MagnetLink.Parse(Link(MagnetLink.MaxValues));
        Should.Throw<MagnetException>(() => MagnetLink.Parse(Link(MagnetLink.MaxValues + 1))).Message.ShouldContain($"values of {key}");
    }

    [Fact]
    public void Bounds_the_length() =>
        Should.Throw<MagnetException>(() => MagnetLink.Parse("magnet:?" + new string('a', MagnetLink.MaxLength)));

    [Fact]
    public void Mutants_are_read_or_refused_by_the_documented_exception()
    {
        var random = new Random(5);
        var parts = new[]
        {
            "magnet:?", $"xt=urn:btih:{V1}", $"xt=urn:btmh:1220{V2}", "dn=x", "&", "&", "&", "=", "%", "%zz", "%00", "+", "so=1-2,3", "so=",
            "x.pe=[::1]:5", "x.pe=a:99999", "tr=udp://x", "tr=http://%00/", "ws=", "xl=99999999999999999999", "\ud800", "xt.1=", ".",
        };
        var (read, refused) = (0, 0);
        for (var round = 0; round < 20_000; round++)
        {
            var link = parts[0] + (random.Next(2) == 0 ? parts[1] + "&" : "")
                + string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => parts[random.Next(parts.Length)]));
            MagnetLink? magnet = null;
            MemoryBound.Hold(
                () =>
                {
                    try
                    {
                        magnet = MagnetLink.Parse(link);
                        read++;
                    }
                    catch (MagnetException)
                    {
                        refused++;
                    }
                },
                link.Length,
                link);
            if (magnet is not null)
            {
                MagnetLink.Parse(magnet.ToString()).Id.ShouldNotBeNull();
            }
        }

        read.ShouldBeGreaterThan(1_000);
        refused.ShouldBeGreaterThan(1_000);
    }
}

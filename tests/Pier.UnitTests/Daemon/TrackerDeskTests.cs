using System.Net;
using System.Text;
using Pier.Api;
using Pier.Api.Progress;
using Pier.Api.Seeds;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Trackers;
using Pier.Daemon.Http;
using Pier.Daemon.Options;
using Pier.TestKit;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Daemon;

/// <summary>The embedded tracker: this node's torrents, this node as a peer, nothing for strangers.</summary>
public sealed class TrackerDeskTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_names_this_node_for_its_own_torrents_and_refuses_others()
    {
        await using var folder = TempFolder.Create();
        await using var daemon = await TestDaemon.StartAsync(folder, new Uri("http://127.0.0.1:9/"), Cancel);
        await File.WriteAllBytesAsync(folder.Below("data.bin"), new byte[50_000], Cancel);
        SeedSummary? seed = null;
        await foreach (var line in daemon.Control.PostLinesAsync(
            ApiPaths.Seeds, new SeedRequest(folder.Below("data.bin")), ApiJson.Default.SeedRequest, Cancel))
        {
            seed = (line as SeedResult)?.Seed ?? seed;
        }
        var infoHash = seed.ShouldNotBeNull().InfoHash;

        byte[] known = [];
        await Eventually.TrueAsync(
            async () => Encoding.Latin1.GetString(known = await AnnounceAsync(daemon, infoHash)).Contains("8:completei1e", StringComparison.Ordinal),
            "the tracker to count this node among the seeds",
            Eventually.Patience,
            Cancel);
        var strange = await AnnounceAsync(daemon, new string('a', 40));

        var port = daemon.Options.Peers!.Port;
        known.AsSpan().IndexOf((byte[])[127, 0, 0, 1, (byte)(port >> 8), (byte)port]).ShouldBeGreaterThan(0);
        Encoding.Latin1.GetString(strange).ShouldContain("failure reason");
        seed.Magnet.ShouldContain($"x.pe=127.0.0.1:{port}");
    }

    [Fact]
    public async Task An_open_tracker_with_keys_takes_any_torrent_over_HTTP_and_UDP_from_whoever_has_one()
    {
        const string Key = "0123456789abcdef0123";
        await using var folder = TempFolder.Create();
        var options = TestDaemon.OptionsIn(folder, new Uri("http://127.0.0.1:9/")) with { Tracker = TrackerScope.Open, TrackerKeys = [Key] };
        await using var daemon = await TestDaemon.StartAsync(options, Cancel);
        using var trackers = new TrackerClient(TimeProvider.System);
        var request = new AnnounceRequest { InfoHash = default, PeerId = PeerId.Create(), Port = 7, Stats = new AnnounceStats(0, 0, 5, 50) };

        var http = await trackers.Open($"{daemon.Registry}announce/{Key}").AnnounceAsync(request, Cancel);
        var udp = await trackers.Open($"udp://{options.Peers}/announce/{Key}").AnnounceAsync(request with { Port = 8 }, Cancel);
        await Should.ThrowAsync<TrackerException>(() => trackers.Open($"{daemon.Registry}announce").AnnounceAsync(request, Cancel));

        http.Leechers.ShouldBe(1);
        udp.Peers.ShouldBe([new IPEndPoint(IPAddress.Loopback, 7)]);
        var status = await daemon.Control.GetAsync(ApiPaths.Tracker, ApiJson.Default.TrackerStatus, Cancel);
        (status.Scope, status.Keyed, status.HttpAnnounces, status.UdpAnnounces, status.Refusals).ShouldBe(("open", true, 1, 1, 1));
        status.Largest.ShouldHaveSingleItem().Leechers.ShouldBe(2);
        (await daemon.Http.GetStringAsync(new Uri($"{daemon.ControlPort}metrics"), Cancel)).ShouldContain("pier_tracker_announces_total{protocol=\"udp\"} 1");
    }

    [Fact]
    public async Task A_tracker_that_is_off_is_not_there()
    {
        await using var folder = TempFolder.Create();
        var options = TestDaemon.OptionsIn(folder, new Uri("http://127.0.0.1:9/")) with { Tracker = TrackerScope.Off };
        await using var daemon = await TestDaemon.StartAsync(options, Cancel);
        (await daemon.SendAsync(HttpMethod.Get, new Uri($"{daemon.Registry}announce"))).ShouldBe(HttpStatusCode.NotFound);
        (await daemon.Control.GetAsync(ApiPaths.Tracker, ApiJson.Default.TrackerStatus, Cancel)).Scope.ShouldBe("off");
    }

    [Theory]
    [InlineData("/announce/secret", "/announce/…")]
    [InlineData("/secret/announce", "/announce/…")]
    [InlineData("/scrape/secret/", "/scrape/…")]
    [InlineData("/announce", "/announce")]
    [InlineData("/v2/debian/manifests/12", "/v2/debian/manifests/12")]
    public void Logs_have_no_key(string path, string logged) => LoggedPath.Of(path).ShouldBe(logged);

    [Fact]
    public async Task A_key_file_is_read_by_lines_and_complaints_do_not_repeat_it()
    {
        await using var folder = TempFolder.Create();
        var file = folder.Below("keys");
        await File.WriteAllTextAsync(file, "# ours\n\n0123456789abcdef\n  fedcba9876543210  \n", Cancel);
        TrackerKeyFile.Read(file).ShouldBe(["0123456789abcdef", "fedcba9876543210"]);
        await File.WriteAllTextAsync(file, "0123456789abcdef\nnot a key\n", Cancel);
        var refusal = Should.Throw<ConfigurationException>(() => TrackerKeyFile.Read(file));
        refusal.Message.ShouldContain("line 2");
        refusal.Message.ShouldNotContain("not a key");
        await File.WriteAllTextAsync(file, "# none\n", Cancel);
        Should.Throw<ConfigurationException>(() => TrackerKeyFile.Read(file));
        Should.Throw<ConfigurationException>(() => TrackerKeyFile.Read(folder.Below("missing")));
    }

    private static Task<byte[]> AnnounceAsync(TestDaemon daemon, string infoHash)
    {
        var escaped = string.Concat(Convert.FromHexString(infoHash).Select(value => $"%{value:x2}"));
        var query = $"/announce?info_hash={escaped}&peer_id=-XX0001-000000000000&port=51413&uploaded=0&downloaded=0&left=9&compact=1&event=started";
        return daemon.Http.GetByteArrayAsync(new Uri(daemon.Registry.ToString().TrimEnd('/') + query), Cancel);
    }
}

using Pier.BitTorrent.Torrents;
using Pier.InteropTests.Engine;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Programs;

/// <summary>
/// Two hosts of one network that know nothing of each other: Transmission and, over IPv6, libtorrent find what <c>pierd</c> seeds by
/// multicast alone (BEP 14), and <c>pierd</c> what Transmission seeds.
/// </summary>
public sealed class LocalDiscoveryTests
{
    private const int PeersPort = 5056;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Transmission_gets_what_pierd_seeds_next_door()
    {
        await using var network = await TestNetwork.CreateAsync(Token);
        var here = await AddAsync(network, "pier");
        var there = await AddAsync(network, "other");
        await using var home = TempFolder.Create("lsd");
        var bytes = new byte[1_000_001];
        new Random(7).NextBytes(bytes);
        await File.WriteAllBytesAsync(home.Below("data.bin"), bytes, Token);
        await using var pierd = await ExternalProcess.StartAsync(On(here, Pierd(here, home, $"{here.Address}:{PeersPort}")), Token);
        var printed = (await Command.RunAsync(
            Program("pier"), ["seed", home.Below("data.bin"), "--format", "v1", "--torrent", "-", "--socket", home.Below("pier.sock")], Token)).OrThrow().Output;
        var downloads = home.MakeFolder("downloads");

        // The bare name: no tracker, no address.
        var magnet = $"magnet:?xt=urn:btih:{printed.Split("urn:btih:")[1][..40]}&dn=data.bin";
        await using var transmission = await ExternalProcess.StartAsync(On(there, await TransmissionAsync(home, downloads, magnet)), Token);

        var file = Path.Combine(downloads, "data.bin");
        try
        {
            await Eventually.TrueAsync(() => File.Exists(file), "Transmission has data.bin", PierPeer.Deadline, Token);
        }
        catch (TimeoutException timeout)
        {
            throw new TimeoutException($"{timeout.Message}\n{transmission.Log.Tail(20)}\n{pierd.Log.Tail(40)}", timeout);
        }

        (await File.ReadAllBytesAsync(file, Token)).AsSpan().SequenceEqual(bytes).ShouldBeTrue();
    }

    [Fact]
    public async Task Pierd_gets_what_Transmission_seeds_next_door()
    {
        await using var network = await TestNetwork.CreateAsync(Token);
        var here = await AddAsync(network, "pier");
        var there = await AddAsync(network, "other");
        await using var home = TempFolder.Create("lsd");
        var bytes = new byte[1_000_001];
        new Random(8).NextBytes(bytes);
        await File.WriteAllBytesAsync(home.Below("data.bin"), bytes, Token);
        var torrent = home.Below("data.torrent");
        await LibtorrentPeer.CreateAsync(home.Below("data.bin"), torrent, "v1", Token);
        var magnet = $"magnet:?xt=urn:btih:{Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)).Id.Primary}&dn=data.bin";
        await using var transmission = await ExternalProcess.StartAsync(On(there, await TransmissionAsync(home, home.Path, torrent)), Token);
        await using var pierd = await ExternalProcess.StartAsync(On(here, Pierd(here, home, $"{here.Address}:{PeersPort}")), Token);

        var got = await Command.RunAsync(Program("pier"), ["get", magnet, home.Below("got.bin"), "--socket", home.Below("pier.sock")], Token);

        got.ExitCode.ShouldBe(0, $"{got.Error}\n{transmission.Log.Tail(20)}\n{pierd.Log.Tail(40)}");
        (await File.ReadAllBytesAsync(home.Below("got.bin"), Token)).AsSpan().SequenceEqual(bytes).ShouldBeTrue();
    }

    [Fact]
    public async Task Libtorrent_gets_over_IPv6_alone_what_pierd_seeds_next_door()
    {
        await using var network = await TestNetwork.CreateAsync(Token);
        var here = await network.AddHostAsync("pier", Token);
        var there = await network.AddHostAsync("other", Token);
        string[] addresses = ["fd77::1", "fd77::2"];
        foreach (var (host, address) in new[] { here, there }.Zip(addresses))
        {
            // No check for duplicates, which takes seconds; and no IPv4.
            (await host.Namespace.RunAsync("ip", ["address", "flush", "dev", "eth0", "scope", "global"], Token)).OrThrow();
            (await host.Namespace.RunAsync("ip", ["address", "add", $"{address}/64", "dev", "eth0", "nodad"], Token)).OrThrow();
        }
        await using var home = TempFolder.Create("lsd6");
        var bytes = new byte[1_000_001];
        new Random(6).NextBytes(bytes);
        await File.WriteAllBytesAsync(home.Below("data.bin"), bytes, Token);
        await using var pierd = await ExternalProcess.StartAsync(On(here, Pierd(here, home, $"[{addresses[0]}]:{PeersPort}")), Token);
        var printed = (await Command.RunAsync(
            Program("pier"), ["seed", home.Below("data.bin"), "--format", "v1", "--torrent", "-", "--socket", home.Below("pier.sock")], Token)).OrThrow().Output;

        var magnet = $"magnet:?xt=urn:btih:{printed.Split("urn:btih:")[1][..40]}&dn=data.bin";
        var downloads = home.MakeFolder("downloads");
        try
        {
            await using var libtorrent = await ExternalProcess.StartAsync(
                On(there, LibtorrentPeer.Plan("DONE", """{"enable_lsd":true}""", "get", magnet, downloads, $"[{addresses[1]}]:6881")), Token);
        }
        catch (ProcessNotReadyException late)
        {
            throw new TimeoutException($"{late.Message}\n{pierd.Log.Tail(40)}", late);
        }

        (await File.ReadAllBytesAsync(Path.Combine(downloads, "data.bin"), Token)).AsSpan().SequenceEqual(bytes).ShouldBeTrue();
    }

    private static ProcessPlan Pierd(NetworkHost host, TempFolder home, string peers) => new("pierd", Program("pierd"),
    [
        "--state", home.Below("state"), "--socket", home.Below("pier.sock"), "--registry", "127.0.0.1:5055", "--control", "127.0.0.1:5057",
        "--node", "127.0.0.1:5059", "--peers", peers, "--lsd", "on", "--log-level", "debug",
    ])
    {
        Ready = host.WhenHttpAnswers(new Uri("http://127.0.0.1:5057/readyz")),
    };

    /// <summary>Transmission with nothing to find peers by but multicast.</summary>
    private static async Task<ProcessPlan> TransmissionAsync(TempFolder home, string folder, string what)
    {
        var settings = home.MakeFolder("transmission");
        await File.WriteAllTextAsync(
            Path.Combine(settings, "settings.json"), """{"lpd-enabled":true,"dht-enabled":false,"pex-enabled":false,"utp-enabled":false}""", Token);
        return new ProcessPlan(
            "transmission",
            RequiredTool.Path("transmission-cli", "apt-get install transmission-cli"),
            ["--config-dir", settings, "--download-dir", folder, "--port", "51413", "--no-portmap", "--no-uplimit", "--no-downlimit", what]);
    }

    private static async Task<NetworkHost> AddAsync(TestNetwork network, string name)
    {
        var host = await network.AddHostAsync(name, Token);
        // A host without a way out has to be told where multicast goes.
        (await host.Namespace.RunAsync("ip", ["route", "add", "224.0.0.0/4", "dev", "eth0"], Token)).OrThrow();
        return host;
    }

    private static string Program(string name) => RequiredTool.Path(Path.Combine(AppContext.BaseDirectory, name), "dotnet build");

    private static ProcessPlan On(NetworkHost host, ProcessPlan plan) => plan with
    {
        Program = RequiredTool.Path("nsenter", "apt-get install util-linux"),
        Arguments = host.Namespace.Enter(plan.Program, plan.Arguments),
    };
}

using System.Net;
using Pier.Api;
using Pier.BitTorrent.Magnets;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.UnitTests.Cli;

namespace Pier.UnitTests.Daemon;

/// <summary>A daemon's public blobs as web seeds, named in magnet links only where others reach them.</summary>
public sealed class WebSeedDoorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, "127.0.0.1", false)]
    [InlineData("127.0.0.1", "127.0.0.1", false)]
    [InlineData("127.0.0.1", "0.0.0.0", true)]
    public async Task A_pulled_blob_is_served_and_named_where_it_is_reached(string? advertise, string listen, bool named)
    {
        await using var folder = TempFolder.Create();
        await using var upstream = await StubRegistry.StartAsync(holdLayer: false, Cancel);
        var options = TestDaemon.OptionsIn(folder, upstream.Address);
        var port = options.Registry[0].Port;
        options = options with { Advertise = advertise, Registry = [new IPEndPoint(IPAddress.Parse(listen), port)] };
        await using var daemon = await TestDaemon.StartAsync(options, Cancel);
        (await CliRun.OfAsync("pull", "app:1", "--platform", "linux/amd64", "--socket", daemon.Options.Socket)).ExitCode.ShouldBe(0);

        var address = new Uri($"http://127.0.0.1:{port}/webseed/{upstream.Layer.Hex}");
        (await daemon.Http.GetByteArrayAsync(address, Cancel)).Length.ShouldBe(600_000);

        MagnetLink? link = null;
        await Eventually.TrueAsync(
            async () =>
            {
                var blobs = await daemon.Control.GetAsync(ApiPaths.Blobs, ApiJson.Default.BlobList, Cancel);
                var text = blobs.Blobs.Single(blob => blob.Digest == upstream.Layer.ToString()).Magnet;
                link = text is null ? null : MagnetLink.Parse(text);
                return link is not null;
            },
            "the layer has its swarm record",
            TimeSpan.FromSeconds(60),
            Cancel);
        link!.WebSeeds.ShouldBe(named ? [address.AbsoluteUri] : []);
    }
}

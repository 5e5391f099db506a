using System.Globalization;
using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Torrents;
using Pier.Content;
using Pier.InteropTests.Distribution;
using Pier.InteropTests.Fetch;
using Pier.InteropTests.Programs;
using Pier.TestKit;
using Pier.TestKit.Files;

namespace Pier.InteropTests.Registry;

/// <summary>
/// A node that announces to everybody and pulls a private image with its own login: tracker (UDP) and DHT hear of the public image that
/// it pulls after that, and of nothing of the private one.
/// </summary>
public sealed class PrivateSilenceTests(PublishedImage published) : IClassFixture<PublishedImage>, IAsyncDisposable
{
    private const string Upstream = "registry.test";

    // htpasswd -nbB alice s3cret
    private const string Users = "alice:$2y$05$EchuTv7zChhnFusX3NZ62eLYpPlrE3X3sCHfKuXLiDkSoUrfd5x0q\n";

    private readonly TempFolder _folder = TempFolder.Create("silence");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task Nothing_of_a_private_image_shows_at_a_UDP_tracker_or_in_the_DHT()
    {
        await File.WriteAllTextAsync(_folder.Below("htpasswd"), Users, Cancel);
        await File.WriteAllTextAsync(_folder.Below("secret"), "s3cret", Cancel);
        await using var closed = await LoopbackRegistry.StartAsync(published.Storage, $"  htpasswd: {{realm: pier, path: \"{_folder.Below("htpasswd")}\"}}", "", Cancel);
        await using var open = await SmallRegistry.StartAsync(Cancel);
        var shown = open.Publish("library/app", "1", 1_000_001)[0].Digest;
        await using var network = new OverheardNetwork();
        await using var pier = await PierProgram.StartAsync(
            Cancel,
            new(StringComparer.Ordinal)
            {
                ["announce"] = "public",
                ["trackers"] = new[] { string.Create(CultureInfo.InvariantCulture, $"udp://127.0.0.1:{network.Port}") },
                ["dockerConfig"] = _folder.MakeFolder("no-logins"),
                ["upstreams"] = new Dictionary<string, object>(StringComparer.Ordinal)
                {
                    [Upstream] = new { endpoints = new[] { closed.Address.ToString() }, user = "alice", secretFile = _folder.Below("secret") },
                    ["docker.io"] = new { endpoints = new[] { $"http://{open.Name}" } },
                },
            },
            ["--dht", "on", "--dht-bootstrap", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{network.Port}")]);

        (await pier.RunAsync(Cancel, "pull", $"{Upstream}/team/app:v1")).OrThrow();
        (await pier.RunAsync(Cancel, "pull", "app:1")).OrThrow();

        var told = Meeting(shown);
        await Eventually.TrueAsync(() => network.TrackerHeard(told), "the tracker to hear of the public layer", TimeSpan.FromSeconds(60), Cancel);
        await Eventually.TrueAsync(() => network.DhtHeard(told), "the DHT to hear of the public layer", TimeSpan.FromSeconds(60), Cancel);
        foreach (var name in Names())
        {
            network.TrackerHeard(name).ShouldBeFalse(Convert.ToHexStringLower(name));
            network.DhtHeard(name).ShouldBeFalse(Convert.ToHexStringLower(name));
        }
    }

    /// <summary>By which anybody who knows a digest looks for those who have the blob.</summary>
    private static byte[] Meeting(Digest digest) => Convert.FromHexString(RendezvousId.Compute([], digest.Hex).ToString());

    /// <summary>Every name of 20 bytes that the private image's blobs have.</summary>
    private IEnumerable<byte[]> Names()
    {
        var layer = Digest.Parse(published.Image.Layers[0].Digest);
        using var hasher = new BlobTorrentHasher(published.Layer.Length);
        hasher.Append(published.Layer);
        Digest[] blobs = [layer, Digest.Parse(published.Image.ImageId), Digest.Parse(published.Image.ManifestDigest)];
        return hasher.Complete(layer.Hex).Id.WireHashes.Select(hash => Convert.FromHexString(hash.ToString()))
            .Concat(blobs.Select(Meeting))
            .Concat(blobs.Select(blob => Convert.FromHexString(blob.Hex[..40])));
    }
}

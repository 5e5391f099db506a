using Pier.TestKit.Engines;
using Pier.TestKit.Images;

namespace Pier.EndToEndTests.Pulls;

/// <summary>What a pull owes to BitTorrent: every byte of the layers; manifests and the image's configuration travel over the node port (design §3).</summary>
internal static class SwarmShare
{
    /// <summary>Asserts that the second node had all layers from the first one's swarms, and nothing from the upstream.</summary>
    public static async Task IsAllLayersAsync(PierNode first, PierNode second, TestImage image, CancellationToken cancellationToken)
    {
        var layers = image.Layers.Sum(layer => layer.Size);
        (await first.BytesGivenAsync(cancellationToken)).Swarm.ShouldBeGreaterThanOrEqualTo(layers, "layers travel by BitTorrent");
        var received = (await second.StatusAsync(cancellationToken)).Transfers.Received;
        received.Upstream.ShouldBe(0);
        received.Swarm.ShouldBeGreaterThanOrEqualTo(layers, received.ToString());
    }
}

using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Images;
using Pier.TestKit.Network;

namespace Pier.EndToEndTests.Faults;

/// <summary>The disk of the state folder is full: the node says so, lives, and serves what it holds.</summary>
public sealed class FullDiskTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_blob_that_does_not_fit_fails_by_itself_and_the_rest_goes_on()
    {
        var images = await ImageCache.OpenAsync(Cancel);
        await using var disk = await TinyTmpfs.MountAsync(96 << 20, Cancel);
        await using var network = await TestNetwork.CreateAsync(Cancel);
        await using var upstream = await UpstreamRegistry.StartAsync(
            await network.AddHostAsync("upstream", Cancel), images.RegistryRoot, writable: false, Cancel);
        await using var node = await PierNode.StartAsync(
            await network.AddHostAsync("one", Cancel),
            new PierNodePlan { DockerHub = upstream.Address, State = Path.Combine(disk.Path, "state") },
            Cancel);
        var small = images.Debian.Layers.MinBy(layer => layer.Size)!;
        (await DigestOfBodyAsync(node, images.Debian.Repository, small.Digest)).ShouldBe(small.Digest);

        // 200 MB do not fit: the client sees a broken transfer or the right bytes, never a whole wrong answer.
        var big = images.Random.Layers[0];
        (await DigestOfBodyAsync(node, images.Random.Repository, big.Digest)).ShouldBeOneOf([null, big.Digest]);

        node.Daemon.HasExited.ShouldBeFalse();
        await node.Log.WaitForAsync(["No space left", disk.Path], Cancel);
        (await DigestOfBodyAsync(node, images.Debian.Repository, small.Digest)).ShouldBe(small.Digest);
        var other = images.Debian.ImageId;
        await Eventually.TrueAsync(
            async () => await DigestOfBodyAsync(node, images.Debian.Repository, other) == other,
            "room for small blobs again",
            TimeSpan.FromSeconds(10),
            Cancel);
    }

    /// <summary>The digest of the delivered body, or null when the transfer broke.</summary>
    private static async Task<string?> DigestOfBodyAsync(PierNode node, string repository, string digest)
    {
        try
        {
            using var answer = await node.GetBlobAsync(repository, digest, Cancel);
            return ImagePublisher.DigestOf(await answer.Content.ReadAsByteArrayAsync(Cancel));
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (HttpIOException)
        {
            return null;
        }
    }
}

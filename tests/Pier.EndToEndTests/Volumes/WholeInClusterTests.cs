using System.Security.Cryptography;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Volumes;

/// <summary><c>pier mount --whole</c> in a cluster: what a member seeds is found by its info-hash, with no DHT, no tracker and nobody on the local network to tell.</summary>
public sealed class WholeInClusterTests
{
    private static readonly Uri Nowhere = new("http://10.77.0.250:5000/");
    private static readonly string[] NobodyTells = ["--dht", "off", "--lsd", "off"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_member_seeds_is_found_by_its_info_hash()
    {
        await using var network = await TestNetwork.CreateAsync(Cancel);
        await using var files = TempFolder.Create("whole");
        var content = RandomNumberGenerator.GetBytes(3_000_001);
        await File.WriteAllBytesAsync(files.Below("data"), content, Cancel);
        await using var one = await PierNode.StartAsync(await network.AddHostAsync("one", Cancel), new PierNodePlan { DockerHub = Nowhere, Flags = NobodyTells }, Cancel);
        var magnet = (await one.PierAsync(["seed", files.Below("data"), "--torrent", "-"], Cancel)).OrThrow().Output.Split('\n')
            .First(line => line.StartsWith("magnet:", StringComparison.Ordinal));
        var name = magnet[(magnet.IndexOf("btih:", StringComparison.Ordinal) + 5)..][..40];
        var token = await one.FoundClusterAsync(Cancel);
        await using var two = await PierNode.StartAsync(
            await network.AddHostAsync("two", Cancel), new PierNodePlan { DockerHub = Nowhere, Flags = NobodyTells, Join = token.JoinAddress, Token = token.Token }, Cancel);
        await Eventually.TrueAsync(
            async () => (await two.MembersAsync(Cancel)).Any(member => !member.Self && member.Alive), "they know each other", Eventually.Patience, Cancel);
        var folder = files.MakeFolder("mnt");
        (await two.PierAsync(["mount", "--whole", "-o", "lookup=120", folder], Cancel)).OrThrow();

        (await File.ReadAllBytesAsync(Path.Combine(folder, name, "data"), Cancel)).AsSpan().SequenceEqual(content).ShouldBeTrue();

        (await Command.RunAsync("ls", [folder], Cancel)).OrThrow().Output.ShouldBe(name + "\n");
        (await two.PierAsync(["umount", "--force", folder], Cancel)).OrThrow();
        MountTable.PointsBelow(folder).ShouldBeEmpty();
    }
}

using System.Globalization;
using Pier.Content.Passwords;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Images;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.EndToEndTests.Installing;

/// <summary>
/// Engines to which 127.0.0.1 is not this host, as the nodes of kind: a containerd with a network of its own pulls through the node
/// by what <c>pier install kind</c> writes, with a user's name and password, and without them it gets nothing.
/// </summary>
public sealed class OtherMachineTests
{
    private const string User = "bob";
    private const string Password = "battery staple";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_containerd_elsewhere_pulls_through_a_reachable_address_with_a_token_and_not_without()
    {
        await using var folder = TempFolder.Create("elsewhere");
        await using var network = await TestNetwork.CreateAsync(Cancel);
        var host = await network.AddHostAsync("upstream", Cancel);
        await using var upstream = await UpstreamRegistry.StartAsync(host, folder.MakeFolder("registry"), writable: true, Cancel);
        using var publisher = host.Namespace.CreateHttpClient();
        var image = await SmallImage.PublishAsync(new ImagePublisher(publisher, upstream.Address), "library/small", seed: 5, Cancel);
        await using var node = await PierNode.StartAsync(
            await network.AddHostAsync("one", Cancel),
            new PierNodePlan
            {
                DockerHub = upstream.Address,
                AlsoThere = ["ghcr.io"],
                Settings = new Dictionary<string, object>(StringComparer.Ordinal)
                {
                    ["users"] = await UsersAsync(folder),
                    ["access"] = new Dictionary<string, object>(StringComparer.Ordinal) { ["**"] = new { pull = "*" } },
                },
                Flags = ["--registry", "0.0.0.0:5055"],
            },
            Cancel);
        await using var containerd = await ContainerdEngine.StartAsync(await network.AddHostAsync("kind", Cancel), "nowhere.invalid", PierNode.Mirror, Cancel);
        var root = folder.MakeFolder("root");
        var token = folder.Below("token");
        await File.WriteAllTextAsync(token, $"{User}:{Password}\n", Cancel);
        var address = string.Create(CultureInfo.InvariantCulture, $"http://{node.Host.Address}:5055");

        (await node.PierAsync(["install", "kind", "--root", root], Cancel)).Error.ShouldContain("a network of its own");
        (await node.PierAsync(["install", "kind", "--address", address, "--root", root], Cancel)).OrThrow();
        (await PullAsync(containerd, root, $"docker.io/library/small:{image.Tag}")).ExitCode.ShouldNotBe(0, "the node asks for users");

        (await node.PierAsync(["install", "kind", "--address", address, "--token-file", token, "--root", root], Cancel)).OrThrow();
        foreach (var name in new[] { $"docker.io/library/small:{image.Tag}", $"ghcr.io/library/small:{image.Tag}" })
        {
            (await PullAsync(containerd, root, name)).OrThrow();
            (await containerd.ManifestDigestAsync(name, Cancel)).ShouldBe(image.ManifestDigest);
        }

        (await node.PierAsync(["uninstall", "kind", "--root", root], Cancel)).OrThrow();
        Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    private static Task<CommandResult> PullAsync(ContainerdEngine containerd, string root, string name) =>
        containerd.CtrAsync(["images", "pull", "--hosts-dir", Path.Combine(root, "etc/pier/kind/certs.d"), name], Cancel);

    private static async Task<string> UsersAsync(TempFolder folder)
    {
        var users = folder.Below("users");
        await File.WriteAllTextAsync(users, new UserLine(User, PasswordHash.Create(Password)) + "\n", Cancel);
        File.SetUnixFileMode(users, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return users;
    }
}

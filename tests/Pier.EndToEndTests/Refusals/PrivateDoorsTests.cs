using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using Pier.BitTorrent.Blobs;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Images;
using Pier.TestKit.Network;

namespace Pier.EndToEndTests.Refusals;

/// <summary>
/// A private image on a node that may read it, its member that may not, and a host outside: no door of either gives a byte of it, and
/// nothing about it shows at the tracker. The same doors give what is public, so that each of them is known to be open.
/// </summary>
public sealed class PrivateDoorsTests
{
    private const string Login = "alice:s3cret";

    // htpasswd -nbB alice s3cret
    private const string Users = "alice:$2y$05$EchuTv7zChhnFusX3NZ62eLYpPlrE3X3sCHfKuXLiDkSoUrfd5x0q\n";
    private const string Hidden = "library/hidden";
    private const string Shown = "local/shown";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_private_image_leaves_by_no_door()
    {
        await using var folder = TempFolder.Create("private");
        await using var network = await TestNetwork.CreateAsync(Cancel);
        var host = await network.AddHostAsync("upstream", Cancel);
        var storage = folder.MakeFolder("registry");
        TestImage hidden;
        await using (var open = await UpstreamRegistry.StartAsync(host, storage, writable: true, Cancel))
        {
            using var publisher = host.Namespace.CreateHttpClient();
            hidden = await SmallImage.PublishAsync(new ImagePublisher(publisher, open.Address), Hidden, seed: 11, Cancel);
        }
        await using var upstream = await UpstreamRegistry.StartAsync(host, storage, writable: false, Cancel, await UsersAsync(folder));

        var plan = new PierNodePlan { DockerHub = upstream.Address, Login = Login, Flags = ["--registry", "0.0.0.0:5055", "--push"] };
        await using var owner = await PierNode.StartAsync(await network.AddHostAsync("owner", Cancel), plan, Cancel);
        var token = await owner.FoundClusterAsync(Cancel);
        await using var member = await PierNode.StartAsync(
            await network.AddHostAsync("member", Cancel), new PierNodePlan { DockerHub = upstream.Address, Join = token.JoinAddress, Token = token.Token }, Cancel);
        await Eventually.TrueAsync(async () => (await member.MembersAsync(Cancel)).Count == 2, "the member to know the owner", Patience, Cancel);
        var outside = await network.AddHostAsync("outside", Cancel);
        using var stranger = outside.Namespace.CreateHttpClient();

        var shown = await SmallImage.PublishAsync(new ImagePublisher(owner.Http, PierNode.Mirror), Shown, seed: 12, Cancel);
        var bytes = await PullAsync(owner, hidden);
        var names = await NamesAsync(folder, bytes, hidden.Layers[0].Digest);
        var other = await NamesAsync(folder, await BytesAsync(owner.Http, $"http://127.0.0.1:5055/v2/{Shown}/blobs/{shown.Layers[0].Digest}"), shown.Layers[0].Digest);
        await owner.WaitUntilSeededAsync(shown, Cancel);

        // The host outside, at the owner's own doors.
        var door = $"http://{owner.Host.Address}:5055";
        (await StatusAsync(stranger, $"{door}/v2/{Shown}/blobs/{shown.Layers[0].Digest}")).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(stranger, $"{door}/webseed/{Hex(shown)}")).ShouldBe(HttpStatusCode.OK);
        await HasNothingAsync(stranger, door, hidden);
        (await StatusAsync(stranger, $"{door}/pier/data/{hidden.Layers[0].Digest}?uri={hidden.Layers[0].Digest}")).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(stranger, $"{door}/pier/resolve?uri=oci://docker.io/{Hidden}:1!/data")).ShouldBe(HttpStatusCode.Forbidden);
        (await HandshakesAsync(outside, owner, other)).ShouldBe(2, "both names of the public blob are answered");
        (await HandshakesAsync(outside, owner, names)).ShouldBe(0);
        await NodePortIsShutAsync(outside, owner);

        // The member, at its own.
        await HasNothingAsync(member.Http, "http://127.0.0.1:5055", hidden);
        (await StatusAsync(member.Http, $"http://127.0.0.1:5055/pier/data/{hidden.Layers[0].Digest}?uri={hidden.Layers[0].Digest}")).ShouldNotBe(HttpStatusCode.OK);
        (await ResolveAsync(member, $"oci://docker.io/{Hidden}@{hidden.ManifestDigest}!/data")).ShouldBe("failed");
        (await ResolveAsync(member, hidden.Layers[0].Digest)).ShouldBe("failed");
        (await member.PierAsync(["get", hidden.Layers[0].Digest, "--output", folder.Below("got")], Cancel)).ExitCode.ShouldNotBe(0);
        Directory.EnumerateFiles(member.State, Hex(hidden), SearchOption.AllDirectories).ShouldBeEmpty();

        // With the upstream gone the member has nobody's word for it either.
        await upstream.CutAsync(CutStyle.Refusing, Cancel);
        await HasNothingAsync(member.Http, "http://127.0.0.1:5055", hidden);
        (await StatusAsync(owner.Http, $"http://127.0.0.1:5055/v2/{Hidden}/blobs/{hidden.Layers[0].Digest}")).ShouldBe(HttpStatusCode.OK, "who read it before goes on");

        await TrackerSaysNothingAsync(owner, names, other);
    }

    /// <summary>As a client of the node's own host does, with the node's login.</summary>
    private static async Task<byte[]> PullAsync(PierNode node, TestImage image)
    {
        (await StatusAsync(node.Http, $"http://127.0.0.1:5055/v2/{Hidden}/manifests/1")).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(node.Http, $"http://127.0.0.1:5055/v2/{Hidden}/blobs/{image.ImageId}")).ShouldBe(HttpStatusCode.OK);
        return await BytesAsync(node.Http, $"http://127.0.0.1:5055/v2/{Hidden}/blobs/{image.Layers[0].Digest}");
    }

    /// <summary>By the registry's door, under every name that stands for the repository or might, and by the web seed's.</summary>
    private static async Task HasNothingAsync(HttpClient client, string door, TestImage image)
    {
        string[] repositories = [Hidden, $"docker.io/{Hidden}", $"{Hidden}-2", Shown, "local/none"];
        string[] contents = ["manifests/1", $"manifests/{image.ManifestDigest}", $"blobs/{image.ManifestDigest}", $"blobs/{image.ImageId}", $"blobs/{image.Layers[0].Digest}"];
        var addresses = repositories.SelectMany(repository => contents.Where(content => repository != Shown || content != "manifests/1")
            .SelectMany(content => new[] { $"{door}/v2/{repository}/{content}", $"{door}/v2/{repository}/{content}?ns=docker.io" }))
            .Append($"{door}/webseed/{Hex(image)}").Append($"{door}/ipfs/{Hex(image)}");
        foreach (var address in addresses)
        {
            using var answer = await client.GetAsync(new Uri(address), Cancel);
            answer.IsSuccessStatusCode.ShouldBeFalse(address);
            (await answer.Content.ReadAsByteArrayAsync(Cancel)).Length.ShouldBeLessThan(2000, address);
        }
    }

    /// <summary>How many of a blob's info-hashes are answered to a stranger at the peers' port (BEP 3).</summary>
    private static async Task<int> HandshakesAsync(NetworkHost from, PierNode node, IReadOnlyList<byte[]> infoHashes)
    {
        var answered = 0;
        foreach (var infoHash in infoHashes)
        {
            await using var stream = await from.Namespace.ConnectAsync(new IPEndPoint(node.Host.Address, PierNode.PeersPort), Cancel);
            byte[] hello = [19, .. "BitTorrent protocol"u8, 0, 0, 0, 0, 0, 0, 0, 0, .. infoHash, .. "-XX0001-abcdefghijkl"u8];
            var answer = new byte[68];
            try
            {
                await stream.WriteAsync(hello, Cancel);
                answered += await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, Cancel) == answer.Length ? 1 : 0;
            }
            catch (IOException)
            {
                // Hung up on.
            }
        }
        return answered;
    }

    /// <summary>Without a member's certificate.</summary>
    private static async Task NodePortIsShutAsync(NetworkHost from, PierNode node)
    {
        await using var stream = await from.Namespace.ConnectAsync(new IPEndPoint(node.Host.Address, PierNode.NodePort), Cancel);
        await using var tls = new SslStream(stream);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "pier", EnabledSslProtocols = SslProtocols.Tls13, RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
                },
                Cancel);
            await tls.WriteAsync("GET /pier/node/1/summary HTTP/1.1\r\nHost: pier\r\nConnection: close\r\n\r\n"u8.ToArray(), Cancel);
            using var reader = new StreamReader(tls);
            var answer = await reader.ReadToEndAsync(Cancel);
            (answer.Length == 0 || answer.Contains(" 40", StringComparison.Ordinal)).ShouldBeTrue(answer);
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            // Without a member's certificate there is no connection at all.
        }
    }

    private static async Task TrackerSaysNothingAsync(PierNode node, IReadOnlyList<byte[]> hidden, IReadOnlyList<byte[]> shown)
    {
        (await TrackerAsync(node, "scrape", shown[0], "")).ShouldContain("complete");
        foreach (var infoHash in hidden)
        {
            var scraped = await TrackerAsync(node, "scrape", infoHash, "");
            scraped.ShouldNotContain(Encoding.Latin1.GetString(infoHash));
            var announced = await TrackerAsync(node, "announce", infoHash, "&peer_id=-XX0001-abcdefghijkl&port=7000&uploaded=0&downloaded=0&left=1&compact=1&event=started");
            (announced.Contains("failure reason", StringComparison.Ordinal) || announced.Contains("5:peers0:", StringComparison.Ordinal)).ShouldBeTrue(announced);
        }
        var pages = await node.Http.GetStringAsync(new Uri("http://127.0.0.1:5057/metrics"), Cancel)
            + JsonSerializer.Serialize((await node.StatusAsync(Cancel)).Swarms);
        foreach (var infoHash in hidden)
        {
            pages.ShouldNotContain(Convert.ToHexStringLower(infoHash));
        }
    }

    private static async Task<string> TrackerAsync(PierNode node, string page, byte[] infoHash, string more)
    {
        var escaped = string.Concat(infoHash.Select(part => $"%{part:x2}"));
        using var answer = await node.Http.GetAsync(new Uri($"http://127.0.0.1:5055/{page}?info_hash={escaped}{more}"), Cancel);
        return Encoding.Latin1.GetString(await answer.Content.ReadAsByteArrayAsync(Cancel));
    }

    /// <summary>The blob's info-hashes, as a stranger who knows its bytes computes them.</summary>
    private static async Task<IReadOnlyList<byte[]>> NamesAsync(TempFolder folder, byte[] bytes, string digest)
    {
        var file = folder.Below(digest["sha256:".Length..]);
        await File.WriteAllBytesAsync(file, bytes, Cancel);
        using var opened = File.OpenHandle(file);
        var id = (await BlobTorrentFileHasher.HashAsync(opened, bytes.Length, digest["sha256:".Length..], workers: 1, Cancel)).Id;
        return [Convert.FromHexString(id.V1!.Value.ToString()), Convert.FromHexString(id.V2!.Value.Truncated.ToString())];
    }

    private static async Task<string> UsersAsync(TempFolder folder)
    {
        var users = folder.Below("htpasswd");
        await File.WriteAllTextAsync(users, Users, Cancel);
        return users;
    }

    private static async Task<string?> ResolveAsync(PierNode node, string uri)
    {
        var address = new Uri($"http://127.0.0.1:5055/pier/resolve?uri={Uri.EscapeDataString(uri)}");
        var state = "working";
        await Eventually.TrueAsync(
            async () => (state = JsonDocument.Parse(await node.Http.GetStringAsync(address, Cancel)).RootElement.GetProperty("state").GetString()) != "working",
            $"an answer for {uri}", Patience, Cancel);
        return state;
    }

    private static string Hex(TestImage image) => image.Layers[0].Digest["sha256:".Length..];

    private static async Task<byte[]> BytesAsync(HttpClient client, string address) => await client.GetByteArrayAsync(new Uri(address), Cancel);

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string address)
    {
        using var answer = await client.GetAsync(new Uri(address), Cancel);
        return answer.StatusCode;
    }
}

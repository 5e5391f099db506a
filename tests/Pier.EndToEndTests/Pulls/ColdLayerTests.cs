using System.Security.Cryptography;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Images;
using Pier.TestKit.Network;

namespace Pier.EndToEndTests.Pulls;

/// <summary>
/// Members that ask for one large layer at the same moment while nobody has it: it crosses the upstream's line once, spreads in
/// provisional pieces (design §4) while it arrives, and next to nothing of it goes over the node ports.
/// </summary>
public sealed class ColdLayerTests
{
    private const int Members = 5;
    private const int Megabits = 160;
    private const int LayerBytes = 100_000_000;
    private const string Repository = "library/cold";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cold_layer_crosses_the_upstreams_line_once_and_reaches_every_member_at_about_the_same_time()
    {
        await using var folder = TempFolder.Create("cold");
        await using var network = await TestNetwork.CreateAsync(Cancel);
        var host = await network.AddHostAsync("upstream", Cancel);
        await using var upstream = await UpstreamRegistry.StartAsync(host, folder.MakeFolder("registry"), writable: true, Cancel);
        var layer = await PublishAsync(host, upstream, folder);
        await using var cluster = new Nodes();
        await cluster.StartAsync(network, upstream.Address);
        await upstream.LimitAsync(Megabits, Cancel);
        var before = await upstream.BytesSentAsync(Cancel);
        var nodePortsBefore = await cluster.NodePortBytesAsync();

        var times = await Task.WhenAll(cluster.All.Select(node => ReadAsync(node, layer)));

        var report = "members took " + string.Join(", ", times.Select(time => $"{time.TotalSeconds:0.0} s"));
        ((double)(await upstream.BytesSentAsync(Cancel) - before) / LayerBytes).ShouldBeLessThanOrEqualTo(1.05, report);
        (await cluster.NodePortBytesAsync() - nodePortsBefore).ShouldBeLessThan(LayerBytes / 20, report + Environment.NewLine + cluster.Story(layer));
        (times.Max() / times.Min()).ShouldBeLessThanOrEqualTo(1.3, report);
        foreach (var node in cluster.All)
        {
            var received = (await node.StatusAsync(Cancel)).Transfers.Received;
            Math.Max(received.Upstream, received.Swarm).ShouldBeGreaterThan(LayerBytes * 9 / 10, $"{node.Host.Name}: {received}");
        }
    }

    private static async Task<TestLayer> PublishAsync(NetworkHost host, UpstreamRegistry upstream, TempFolder folder)
    {
        await File.WriteAllBytesAsync(folder.Below("layer"), RandomNumberGenerator.GetBytes(LayerBytes), Cancel);
        using var client = host.Namespace.CreateHttpClient();
        var publisher = new ImagePublisher(client, upstream.Address);
        var layer = await publisher.PushLayerAsync(Repository, folder.Below("layer"), ImagePublisher.DigestOf([]), Cancel);
        await publisher.PushImageAsync(Repository, "1", [layer], Cancel);
        return layer;
    }

    /// <summary>Pulls the layer as an engine does, and says how long it took; the bytes are proved against the digest.</summary>
    private static async Task<TimeSpan> ReadAsync(PierNode node, TestLayer layer)
    {
        var start = TimeProvider.System.GetTimestamp();
        using var answer = await node.GetBlobAsync(Repository, layer.Digest, Cancel);
        await using var body = await answer.Content.ReadAsStreamAsync(Cancel);
        var digest = "sha256:" + Convert.ToHexStringLower(await SHA256.HashDataAsync(body, Cancel));
        var taken = TimeProvider.System.GetElapsedTime(start);
        digest.ShouldBe(layer.Digest, node.Host.Name);
        return taken;
    }

    /// <summary>The members, each on a host of its own.</summary>
    private sealed class Nodes : IAsyncDisposable
    {
        private readonly List<PierNode> _nodes = [];

        public IReadOnlyList<PierNode> All => _nodes;

        public async Task StartAsync(TestNetwork network, Uri upstream)
        {
            var plan = new PierNodePlan { DockerHub = upstream };
            while (_nodes.Count < Members)
            {
                var host = await network.AddHostAsync($"host{_nodes.Count + 1}", Cancel);
                _nodes.Add(await PierNode.StartAsync(host, plan, Cancel));
                if (_nodes is [var founder])
                {
                    var token = await founder.FoundClusterAsync(Cancel);
                    plan = plan with { Join = token.JoinAddress, Token = token.Token };
                }
            }
            await TestKit.Eventually.TrueAsync(
                async () => (await Task.WhenAll(_nodes.Select(node => node.MembersAsync(Cancel)))).All(list => list.Count == Members),
                "every member to know all others",
                TestKit.Eventually.Patience,
                Cancel);
        }

        public async Task<long> NodePortBytesAsync() =>
            (await Task.WhenAll(_nodes.Select(node => node.BytesGivenAsync(Cancel)))).Sum(given => given.Members);

        /// <summary>What each member wrote of the layer.</summary>
        public string Story(TestLayer layer) => string.Join(
            Environment.NewLine,
            _nodes.SelectMany(node => node.Log.Lines
                .Where(line => line.Contains(layer.Digest[..20], StringComparison.Ordinal))
                .Select(line => $"{node.Host.Name} {line}")));

        public async ValueTask DisposeAsync()
        {
            foreach (var node in _nodes)
            {
                await node.DisposeAsync();
            }
        }
    }
}

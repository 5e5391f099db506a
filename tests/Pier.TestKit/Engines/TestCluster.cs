using Pier.Api.Cluster;
using Pier.TestKit.Images;
using Pier.TestKit.Network;

namespace Pier.TestKit.Engines;

/// <summary>An upstream and some nodes that joined one another, each on a host of its own.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private readonly List<PierNode> _nodes = [];
    private readonly List<DockerEngine> _engines = [];
    private readonly IReadOnlyDictionary<string, object> _settings;
    private ClusterToken? _token;

    private TestCluster(ImageCache images, TestNetwork network, UpstreamRegistry upstream, IReadOnlyDictionary<string, object> settings)
    {
        _settings = settings;
        Images = images;
        Network = network;
        Upstream = upstream;
    }

    /// <summary>The images that the upstream holds.</summary>
    public ImageCache Images { get; }

    /// <summary>The hosts' network.</summary>
    public TestNetwork Network { get; }

    /// <summary>What stands for docker.io.</summary>
    public UpstreamRegistry Upstream { get; }

    /// <summary>The nodes, in the order they were started; the first founded the cluster.</summary>
    public IReadOnlyList<PierNode> Nodes => _nodes;

    /// <summary>Starts the upstream and the nodes.</summary>
    public static Task<TestCluster> StartAsync(int nodes, CancellationToken cancellationToken) => StartAsync(nodes, new Dictionary<string, object>(StringComparer.Ordinal), cancellationToken);

    /// <summary>Starts the upstream and nodes with further keys of the configuration file.</summary>
    public static async Task<TestCluster> StartAsync(int nodes, IReadOnlyDictionary<string, object> settings, CancellationToken cancellationToken)
    {
        var images = await ImageCache.OpenAsync(cancellationToken);
        var network = await TestNetwork.CreateAsync(cancellationToken);
        try
        {
            var host = await network.AddHostAsync("upstream", cancellationToken);
            var upstream = await UpstreamRegistry.StartAsync(host, images.RegistryRoot, writable: false, cancellationToken);
            var cluster = new TestCluster(images, network, upstream, settings);
            try
            {
                while (cluster._nodes.Count < nodes)
                {
                    await cluster.AddNodeAsync(cancellationToken);
                }
                return cluster;
            }
            catch
            {
                await cluster.DisposeAsync();
                throw;
            }
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more node, which joins the first; the second node makes the first found the cluster.</summary>
    public async Task<PierNode> AddNodeAsync(CancellationToken cancellationToken)
    {
        if (_nodes.Count == 1)
        {
            _token = await _nodes[0].FoundClusterAsync(cancellationToken);
        }
        var host = await Network.AddHostAsync("host" + (_nodes.Count + 1), cancellationToken);
        var plan = new PierNodePlan { DockerHub = Upstream.Address, Join = _token?.JoinAddress, Token = _token?.Token, Settings = _settings };
        var node = await PierNode.StartAsync(host, plan, cancellationToken);
        _nodes.Add(node);
        return node;
    }

    /// <summary>Starts a dockerd beside a node, with the node as its registry mirror.</summary>
    public Task<DockerEngine> AddDockerAsync(PierNode node, CancellationToken cancellationToken) =>
        AddDockerAsync(node, new DockerPlan { Mirror = PierNode.Mirror }, cancellationToken);

    /// <summary>Starts a dockerd of a plan's beside a node.</summary>
    public async Task<DockerEngine> AddDockerAsync(PierNode node, DockerPlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(node);
        var engine = await DockerEngine.StartAsync(node.Host, plan, cancellationToken);
        _engines.Add(engine);
        return engine;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines)
        {
            await engine.DisposeAsync();
        }
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
        await Upstream.DisposeAsync();
        await Network.DisposeAsync();
    }
}

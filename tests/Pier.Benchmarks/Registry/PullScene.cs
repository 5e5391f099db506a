using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Images;
using Pier.TestKit.Network;

namespace Pier.Benchmarks.Registry;

/// <summary>A docker-registry and two hosts in network namespaces, whose lines carry 1 Gbit/s; everything lies on tmpfs.</summary>
internal sealed class PullScene : IAsyncDisposable
{
    /// <summary>What a line carries.</summary>
    public const int Megabits = 1000;

    private const string Repository = "library/bench";

    private readonly TempFolder _folder;
    private readonly TestNetwork _network;
    private readonly NetworkHost _upstreamHost;

    private PullScene(TempFolder folder, TestNetwork network, NetworkHost upstreamHost, UpstreamRegistry upstream, NetworkHost one, NetworkHost two)
    {
        _folder = folder;
        _network = network;
        _upstreamHost = upstreamHost;
        Upstream = upstream;
        (One, Two) = (one, two);
    }

    /// <summary>The registry, which stands for docker.io.</summary>
    public UpstreamRegistry Upstream { get; }

    /// <summary>The host that gives.</summary>
    public NetworkHost One { get; }

    /// <summary>The host that is measured.</summary>
    public NetworkHost Two { get; }

    public static async Task<PullScene> StartAsync(string scratch, CancellationToken cancellationToken)
    {
        var folder = TempFolder.Create("pull", scratch);
        var network = await TestNetwork.CreateAsync(cancellationToken);
        try
        {
            var host = await network.AddHostAsync("upstream", cancellationToken);
            var upstream = await UpstreamRegistry.StartAsync(host, folder.MakeFolder("registry"), writable: true, cancellationToken);
            var (one, two) = (await network.AddHostAsync("one", cancellationToken), await network.AddHostAsync("two", cancellationToken));
            await one.LimitSendingAsync(Megabits, cancellationToken);
            await upstream.LimitAsync(Megabits, cancellationToken);
            return new PullScene(folder, network, host, upstream, one, two);
        }
        catch
        {
            await network.DisposeAsync();
            await folder.DisposeAsync();
            throw;
        }
    }

    /// <summary>Publishes an image; its layers are tars that engines can unpack, or random bytes without more where nobody does.</summary>
    public async Task<TestImage> PublishAsync(string tag, long layerBytes, int layers, bool isTar, CancellationToken cancellationToken)
    {
        using var client = _upstreamHost.Namespace.CreateHttpClient();
        var publisher = new ImagePublisher(client, Upstream.Address);
        var pushed = new List<TestLayer>();
        var file = _folder.Below("layer");
        while (pushed.Count < layers)
        {
            var diffId = ImagePublisher.DigestOf([]);
            if (isTar)
            {
                diffId = await IncompressibleLayer.WriteAsync(file, layerBytes, $"data{pushed.Count}", cancellationToken);
            }
            else
            {
                await IncompressibleLayer.WriteRandomAsync(file, layerBytes, cancellationToken);
            }
            pushed.Add(await publisher.PushLayerAsync(Repository, file, diffId, cancellationToken));
        }
        File.Delete(file);
        return await publisher.PushImageAsync(Repository, tag, pushed, cancellationToken);
    }

    /// <summary>Starts a node with nothing, which joins the cluster of a token's where there is one.</summary>
    public Task<PierNode> StartNodeAsync(NetworkHost host, Api.Cluster.ClusterToken? token, CancellationToken cancellationToken)
    {
        var state = _folder.Below("state-" + host.Name);
        if (Directory.Exists(state))
        {
            Directory.Delete(state, recursive: true);
        }
        return PierNode.StartAsync(
            host, new PierNodePlan { DockerHub = Upstream.Address, State = state, Join = token?.JoinAddress, Token = token?.Token }, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Upstream.DisposeAsync();
        await _network.DisposeAsync();
        await _folder.DisposeAsync();
    }
}

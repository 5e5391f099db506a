using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pier.BitTorrent.Engine;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Distribution;
using Pier.Fetch;
using Pier.Fetch.Status;
using Pier.Membership;
using Pier.Membership.Joining;
using Pier.Store.Blobs;
using Pier.Store.Partial;
using Pier.Store.Swarms;
using Pier.Store.Tags;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;

namespace Pier.InteropTests.Fetch;

/// <summary>A node without its registry door: all rooms that deliver, real, on loopback, in a folder of its own.</summary>
internal sealed class FetchNode : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly TempFolder _folder;
    private bool _stopped;

    private FetchNode(IHost host, TempFolder folder, CollectedLogs logs)
    {
        _host = host;
        _folder = folder;
        Logs = logs;
    }

    public CollectedLogs Logs { get; }

    public IContentFetcher Contents => _host.Services.GetRequiredService<IContentFetcher>();

    public IManifestFetcher Manifests => _host.Services.GetRequiredService<IManifestFetcher>();

    public IContentStore Store => _host.Services.GetRequiredService<IContentStore>();

    public DeliveryStatus Status => _host.Services.GetRequiredService<DeliveryStatus>();

    public DeliveryService Delivery => _host.Services.GetRequiredService<DeliveryService>();

    public BitTorrentEngine Engine => _host.Services.GetRequiredService<BitTorrentEngine>();

    public IMembership Membership => _host.Services.GetRequiredService<IMembership>();

    public T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>Starts a node that founds a cluster, or joins that of <paramref name="first"/>.</summary>
    public static async Task<FetchNode> StartAsync(string name, FetchNode? first, CancellationToken cancellationToken, FetchOptions? options = null)
    {
        var node = await StartAloneAsync(name, cancellationToken, options);
        var cluster = node.Get<ICluster>();
        if (first is null)
        {
            await cluster.InitAsync(cancellationToken);
        }
        else
        {
            var door = first.Get<ICluster>();
            await cluster.JoinAsync(new JoinTarget("127.0.0.1", door.NodePort!.Port, door.CreateToken()), cancellationToken);
        }
        return node;
    }

    /// <summary>Starts a node that is in no cluster.</summary>
    public static async Task<FetchNode> StartAloneAsync(string name, CancellationToken cancellationToken, FetchOptions? options = null)
    {
        var folder = TempFolder.Create(name);
        var logs = new CollectedLogs();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddProvider(logs).SetMinimumLevel(LogLevel.Debug);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        var port = TestKit.Processes.FreePort.Next(alsoUdp: true);
        AddRooms(builder.Services, folder, name, port, options);
        var node = new FetchNode(builder.Build(), folder, logs);
        await node._host.StartAsync(cancellationToken);
        return node;
    }

    /// <summary>Reads a whole blob as a client would.</summary>
    public async Task<byte[]> ReadAsync(Digest digest, RepositoryName? origin, CancellationToken cancellationToken)
    {
        await using var reader = await Contents.OpenAsync(new BlobRequest(digest, origin), cancellationToken);
        var bytes = new byte[reader.Length];
        for (var offset = 0; offset < bytes.Length;)
        {
            offset += await reader.ReadAtAsync(offset, bytes.AsMemory(offset), cancellationToken);
        }
        return bytes;
    }

    /// <summary>Ends the node: its transfers break off at once, as in a crash, instead of being finished first.</summary>
    public async Task StopAsync()
    {
        if (!_stopped)
        {
            _stopped = true;
            await Delivery.StopAsync(CancellationToken.None);
            await _host.StopAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
        await _folder.DisposeAsync();
    }

    private static void AddRooms(IServiceCollection services, TempFolder folder, string name, int peerPort, FetchOptions? options)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new FileContentStore(
            folder.MakeFolder("blobs"), TimeProvider.System, provider.GetRequiredService<ILogger<FileContentStore>>()));
        services.AddSingleton<IContentStore>(provider => provider.GetRequiredService<FileContentStore>());
        services.AddSingleton(provider => new PartialBlobs(
            folder.MakeFolder("partial"), provider.GetRequiredService<FileContentStore>(), new PartialBlobOptions(),
            TimeProvider.System, provider.GetRequiredService<ILogger<PartialBlobs>>()));
        services.AddSingleton(provider => new TagStore(folder.MakeFolder("tags"), provider.GetRequiredService<ILogger<TagStore>>()));
        services.AddSingleton(provider => new SwarmRecords(folder.MakeFolder("swarms"), provider.GetRequiredService<ILogger<SwarmRecords>>()));
        services.AddSingleton(provider => new BitTorrentEngine(
            new BitTorrentOptions { Listen = new IPEndPoint(IPAddress.Loopback, peerPort) }, TimeProvider.System, provider.GetRequiredService<ILoggerFactory>()));
        services.AddHostedService<EngineStart>();
        services.AddSingleton(provider => new UpstreamClients(
            new UpstreamOptions { ConnectTimeout = TimeSpan.FromSeconds(2) }, TimeProvider.System, provider.GetRequiredService<ILogger<UpstreamClients>>()));
        services.AddPierFetch((options ?? new FetchOptions { AccessFolder = "" }) with { AccessFolder = folder.MakeFolder("access") });
        services.AddPierMembership(new MembershipOptions
        {
            StateFolder = folder.Path,
            Name = name,
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            PeerPort = peerPort,
        });
    }

    private sealed class EngineStart(BitTorrentEngine engine) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => engine.StartAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

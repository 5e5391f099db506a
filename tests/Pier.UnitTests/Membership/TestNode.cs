using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pier.Membership;
using Pier.Membership.Client;
using Pier.Membership.Holdings;
using Pier.Membership.Identity;
using Pier.Membership.Joining;
using Pier.Membership.Members;
using Pier.Membership.NodePort;
using Pier.Membership.Turns;
using Pier.TestKit;
using Pier.TestKit.Logging;

namespace Pier.UnitTests.Membership;

/// <summary>A whole node of the cluster in this process, over real TLS on loopback, with its own state folder.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = Eventually.Patience;

    /// <summary>Longer than any test.</summary>
    public static readonly TimeSpan Never = TimeSpan.FromMinutes(30);

    /// <summary>For tests in which somebody dies: as short as it may be without that the living are taken for dead all the time.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    private readonly ServiceProvider provider;

    private TestNode(MembershipOptions options, TimeProvider clock, INodeContent? content)
    {
        Options = options;
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(Logs);
        services.AddLogging();
        services.AddSingleton(content ?? Content);
        services.AddSingleton(clock);
        services.AddPierMembership(options);
        provider = services.BuildServiceProvider();
        Identity = provider.GetRequiredService<NodeIdentity>();
    }

    public MembershipOptions Options { get; }

    public CollectedLogs Logs { get; } = new();

    public MemoryNodeContent Content { get; } = new();

    public NodeIdentity Identity { get; }

    public IMembership Membership => provider.GetRequiredService<IMembership>();

    public INodeClient Client => provider.GetRequiredService<INodeClient>();

    public IHoldings Holdings => provider.GetRequiredService<IHoldings>();

    public ITurns Turns => provider.GetRequiredService<ITurns>();

    public ICluster Cluster => provider.GetRequiredService<ICluster>();

    public static async Task<TestNode> StartAsync(string folder, CancellationToken cancellationToken, Func<MembershipOptions, MembershipOptions>? with = null, TimeProvider? clock = null, INodeContent? content = null)
    {
        var options = new MembershipOptions
        {
            StateFolder = folder,
            Name = Path.GetFileName(folder),
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            PeerPort = 5056,
            HeartbeatEvery = TimeSpan.FromMilliseconds(200),
            // A cold and busy test machine is not what these tests are about: nobody is dead, stalled or slow because of it. A test of
            // an end shortens the one time that it is about.
            DeadAfter = Never,
            RefereePatience = Deadline,
            AnswerPatience = Deadline,
            JoinPatience = Deadline,
            StallAfter = Never,
            Turns = new TurnOptions { Lease = Never, SecondTurnAfter = Never, RememberDone = Never },
        };
        var node = new TestNode(with?.Invoke(options) ?? options, clock ?? TimeProvider.System, content);
        try
        {
            await node.Hosted.StartAsync(cancellationToken);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where and with what others join this node.</summary>
    public JoinTarget Target(JoinToken? token = null) => new("127.0.0.1", Cluster.NodePort!.Port, token ?? Cluster.CreateToken());

    public Member Know(TestNode other) => Membership.Current.Find(other.Identity.Id).ShouldNotBeNull();

    public Task SeesAsync(TestNode other, Liveness liveness, CancellationToken cancellationToken) => Eventually.TrueAsync(
        () => Membership.Current.Find(other.Identity.Id)?.Liveness == liveness,
        $"{Options.Name} sees {other.Options.Name} {liveness}",
        Deadline,
        cancellationToken);

    public bool TellsAll(TestNode other) => provider.GetRequiredService<HoldingsBoard>().TellsAll(other.Identity.Id);

    public Task StopAsync(CancellationToken cancellationToken) => Hosted.StopAsync(cancellationToken);

    /// <summary>Ends without a goodbye, as a killed process does.</summary>
    public ValueTask DisposeAsync() => provider.DisposeAsync();

    private IHostedService Hosted => provider.GetServices<IHostedService>().Single();
}

using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Pier.Membership.Client;
using Pier.Membership.Holdings;
using Pier.Membership.Identity;
using Pier.Membership.Joining;
using Pier.Membership.Members;
using Pier.Membership.NodePort;
using Pier.Membership.Turns;

namespace Pier.Membership;

/// <summary>Registration of this room.</summary>
public static class MembershipServices
{
    /// <summary>
    /// Adds <see cref="IMembership"/>, <see cref="INodeClient"/>, <see cref="ITurns"/>, <see cref="ICluster"/>,
    /// <see cref="IHoldings"/> and <see cref="NodeIdentity"/>, and a hosted service that goes back into the cluster of the last run. The
    /// composition supplies <see cref="INodeContent"/>.
    /// </summary>
    public static IServiceCollection AddPierMembership(this IServiceCollection services, MembershipOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(options.Turns);
        services.AddSingleton(_ => NodeIdentity.LoadOrCreate(Path.Combine(options.StateFolder, "node.pem")));
        services.AddSingleton(provider =>
        {
            var clock = provider.GetRequiredService<TimeProvider>();
            var self = Cluster.SelfRecord(options, provider.GetRequiredService<NodeIdentity>().Id, options.Listen.Port, clock);
            return new MemberTable(self, options, clock);
        });
        services.AddSingleton<ClusterMembership>();
        services.AddSingleton<IMembership>(provider => provider.GetRequiredService<ClusterMembership>());
        services.AddSingleton<TurnReferee>();
        services.AddSingleton<HoldingsJournal>();
        services.AddSingleton<HoldingsBoard>();
        services.AddSingleton<IHoldings>(provider => provider.GetRequiredService<HoldingsBoard>());
        services.AddSingleton<HoldingsClient>();
        services.AddSingleton<NodeConnections>();
        services.AddSingleton<NodeCalls>();
        services.AddSingleton<ClusterClient>();
        services.AddSingleton<LongWaits>();
        services.AddSingleton<INodeClient, NodeClient>();
        services.AddSingleton<ITurns, TurnClient>();
        services.AddSingleton(provider => new JoinChallenges(
            provider.GetRequiredService<NodeIdentity>().Id, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<PeerGate>();
        services.AddSingleton<MemberEndpoints>();
        services.AddSingleton<TurnEndpoints>();
        services.AddSingleton<ContentEndpoints>();
        services.AddSingleton<BlobEndpoint>();
        services.AddSingleton<NodePortEndpoints>();
        services.AddSingleton<NodePortHost>();
        services.AddSingleton(provider => new ClusterFolder(
            Path.Combine(options.StateFolder, "cluster"), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<HeartbeatLoop>();
        services.AddSingleton<Cluster>();
        services.AddSingleton<ICluster>(provider => provider.GetRequiredService<Cluster>());
        services.AddHostedService(provider => provider.GetRequiredService<Cluster>());
        return services;
    }
}

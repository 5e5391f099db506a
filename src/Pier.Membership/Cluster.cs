using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pier.Membership.Client;
using Pier.Membership.Identity;
using Pier.Membership.Joining;
using Pier.Membership.Members;
using Pier.Membership.NodePort;

namespace Pier.Membership;

/// <summary>This node's part in its cluster from start to stop: what it is in, the open port, the heartbeats.</summary>
internal sealed class Cluster(
    NodeIdentity identity, MemberTable table, ClusterMembership membership, ClusterFolder folder, ClusterClient client,
    NodePortHost port, HeartbeatLoop heartbeats, MembershipOptions options, TimeProvider clock, ILogger<Cluster> logger)
    : ICluster, IHostedService, IAsyncDisposable
{
    // The daemon has 5 s to stop, and the port takes up to 2 s of them.
    private static readonly TimeSpan GoodbyePatience = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim gate = new(1);
    private readonly CancellationTokenSource stopping = new();
    private ClusterState? state;
    private bool isDisposed;
    private Task running = Task.CompletedTask;
    private Task joining = Task.CompletedTask;

    /// <inheritdoc/>
    public IPEndPoint? NodePort => port.Endpoint;

    /// <summary>Goes back into the cluster of the last run, or joins the one that the options name.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (folder.LoadCluster() is { } kept)
        {
            await ResumeAsync(kept, cancellationToken);
        }

        if (options.Join is { } target)
        {
            try
            {
                await JoinAsync(target, cancellationToken);
            }
            catch (ClusterException cause) when (cause.Failure == ClusterFailure.Unreachable)
            {
                logger.JoinDelayed(target.ToString(), cause.Message);
                joining = KeepJoiningAsync(target, stopping.Token);
            }
        }
    }

    /// <summary>Stops the heartbeats, closes the port and says goodbye.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        // A loop that broke has said so; the others are told goodbye and the port is closed all the same.
        var loops = Task.WhenAll(joining, running);
        await loops.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await gate.WaitAsync(cancellationToken);
        try
        {
            // The port closes first: an answer to a heartbeat after the goodbye would bring this node back to life.
            await port.StopAsync();
            using var patience = new CancellationTokenSource(GoodbyePatience, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            await Task.WhenAll(table.Current.Live.Select(member => TryGoodbyeAsync(member, either.Token)));
        }
        finally
        {
            gate.Release();
        }

        await loops;
    }

    /// <inheritdoc/>
    public async Task<JoinToken> InitAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (state is not null)
            {
                throw new ClusterException(ClusterFailure.AlreadyMember, "This node is in a cluster already; 'pier cluster token' prints a token for others.");
            }

            await OpenAsync(cancellationToken);
            Enter(new ClusterState(RandomNumberGenerator.GetBytes(JoinToken.SecretSize), identity.Id, Joined: null));
            logger.ClusterFounded(identity.Id.Short);
            return CreateToken();
        }
        finally
        {
            await CloseUnlessJoinedAsync();
            gate.Release();
        }
    }

    /// <inheritdoc/>
    public async Task JoinAsync(JoinTarget target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (state is { } held)
            {
                if (CryptographicOperations.FixedTimeEquals(held.Secret.Span, target.Token.Secret.Span))
                {
                    return;
                }

                throw new ClusterException(
                    ClusterFailure.AlreadyMember, $"This node is in another cluster; to change it, stop pierd and remove {Path.Combine(options.StateFolder, "cluster")}.");
            }

            if (target.Token.Node == identity.Id)
            {
                throw new ClusterException(ClusterFailure.WrongNode, "The join token names this node itself; run the join on another node.");
            }

            // The port comes first: the others are told where it is.
            await OpenAsync(cancellationToken);
            var founder = await client.JoinAsync(target, cancellationToken);
            Enter(new ClusterState(target.Token.Secret, founder, target));
            logger.ClusterJoined(founder.Short, target.ToString(), table.Current.Others.Length);
        }
        finally
        {
            await CloseUnlessJoinedAsync();
            gate.Release();
        }
    }

    /// <inheritdoc/>
    public JoinToken CreateToken() => state is { } held
        ? new JoinToken(held.Secret.Span, identity.Id)
        : throw new ClusterException(ClusterFailure.NotMember, "This node is in no cluster; 'pier cluster init' makes one.");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // The container disposes what it knows under three service types three times.
        if (isDisposed)
        {
            return;
        }

        isDisposed = true;
        await stopping.CancelAsync();
        try
        {
            await Task.WhenAll(joining, running);
        }
        finally
        {
            await port.DisposeAsync();
            stopping.Dispose();
            gate.Dispose();
        }
    }

    private async Task ResumeAsync(ClusterState kept, CancellationToken cancellationToken)
    {
        try
        {
            table.Learn(folder.LoadMembers());
        }
        catch (ClusterException cause)
        {
            logger.MembersLost(cause.Message);
        }

        await OpenAsync(cancellationToken);
        Begin(kept);
    }

    /// <summary>Opens the node port and tells the table where this node is now.</summary>
    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (port.Endpoint is null)
        {
            await port.StartAsync(cancellationToken);
        }

        table.Describe(SelfRecord(options, identity.Id, port.Endpoint!.Port, clock));
    }

    /// <summary>What this node says of itself.</summary>
    internal static MemberRecord SelfRecord(MembershipOptions options, NodeId id, int nodePort, TimeProvider clock)
    {
        var name = string.Concat(options.Name.Where(letter => !char.IsControl(letter)).Take(MemberRecord.MaxNameLength));
        var bound = options.Listen.Address.Equals(IPAddress.IPv6Any) ? IPAddress.Any : options.Listen.Address;
        return new MemberRecord(
            id, name.Length == 0 ? id.Short : name, options.Advertise ?? bound, nodePort, options.PeerPort, clock.GetUtcNow().ToUnixTimeMilliseconds());
    }

    private void Enter(ClusterState entered)
    {
        folder.SaveCluster(entered);
        folder.SaveMembers(table.Tell());
        Begin(entered);
    }

    private void Begin(ClusterState entered)
    {
        membership.Unlock(entered.Secret);
        table.Belong(entered.Founder);
        state = entered;
        logger.NodePortOpen(port.Endpoint, identity.Id.Short);
        running = heartbeats.RunAsync(entered, stopping.Token);
    }

    private async Task CloseUnlessJoinedAsync()
    {
        if (state is null)
        {
            await port.StopAsync();
        }
    }

    private async Task KeepJoiningAsync(JoinTarget target, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.HeartbeatEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                try
                {
                    await JoinAsync(target, cancellationToken);
                    return;
                }
                catch (ClusterException cause) when (cause.Failure == ClusterFailure.Unreachable)
                {
                    logger.JoinDelayed(target.ToString(), cause.Message);
                }
            }
        }
        catch (ClusterException cause)
        {
            logger.JoinFailed(target.ToString(), cause.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            logger.NoAnswer("joining ends with this node.");
        }
    }

    private async Task TryGoodbyeAsync(Member member, CancellationToken cancellationToken)
    {
        try
        {
            await client.GoodbyeAsync(member, cancellationToken);
        }
        catch (Exception cause) when (cause is MemberException or OperationCanceledException)
        {
            // It will notice the silence.
            logger.NoAnswer(cause.Message);
        }
    }
}

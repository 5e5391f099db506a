using System.Security.Cryptography;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Images;
using Pier.TestKit.Network;

namespace Pier.Benchmarks.Swarm;

/// <summary>Real pierd processes on hosts of their own, members of one cluster that know each other.</summary>
internal sealed class MemberGroup : IAsyncDisposable
{
    private static readonly TimeSpan MeetDeadline = TimeSpan.FromMinutes(2);

    private readonly List<PierNode> _nodes = [];

    /// <summary>Starts a member on each host, with its state below a folder of its own.</summary>
    /// <param name="hosts">Where.</param>
    /// <param name="upstream">What docker.io is.</param>
    /// <param name="states">Holds the members' states.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<MemberGroup> StartAsync(IReadOnlyList<NetworkHost> hosts, Uri upstream, string states, CancellationToken cancellationToken)
    {
        var group = new MemberGroup();
        try
        {
            var plan = new PierNodePlan { DockerHub = upstream };
            foreach (var host in hosts)
            {
                var state = Path.Combine(states, host.Name);
                group._nodes.Add(await PierNode.StartAsync(host, plan with { State = state }, cancellationToken));
                if (group._nodes is [var founder])
                {
                    var token = await founder.FoundClusterAsync(cancellationToken);
                    plan = plan with { Join = token.JoinAddress, Token = token.Token };
                }
            }

            await Eventually.TrueAsync(
                async () => (await Task.WhenAll(group._nodes.Select(node => node.MembersAsync(cancellationToken)))).All(list => list.Count == hosts.Count),
                "every member to know all others",
                MeetDeadline,
                cancellationToken);
            return group;
        }
        catch
        {
            await group.DisposeAsync();
            throw;
        }
    }

    /// <summary>Has every member pull a layer at once, as an engine does; the bytes are proved against the digest.</summary>
    /// <returns>Seconds that each took.</returns>
    public async Task<double[]> PullAsync(string repository, TestLayer layer, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        return await Task.WhenAll(_nodes.Select(async node =>
        {
            using var answer = await node.GetBlobAsync(repository, layer.Digest, cancellationToken);
            await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
            var digest = "sha256:" + Convert.ToHexStringLower(await SHA256.HashDataAsync(body, cancellationToken));
            return digest == layer.Digest
                ? TimeProvider.System.GetElapsedTime(start).TotalSeconds
                : throw new InvalidDataException($"{node.Host.Name} gave {digest} for {layer.Digest}");
        }));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }
}

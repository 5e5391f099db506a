using Pier.TestKit.Network;

namespace Pier.InteropTests.Soak;

/// <summary>
/// Eight hosts of one network, each seeding a torrent and downloading those of the others again and again, while they are killed
/// and started again at random: every download completes and verifies.
/// </summary>
[Trait("Run", "full")]
public sealed class EightNodesTests
{
    private const int Nodes = 8;
    private const int Megabits = 40;
    private const int Seed = 20_261_121;

    private static readonly TimeSpan Duration = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_download_completes_and_verifies_while_nodes_are_killed_and_restarted()
    {
        await using var network = await TestNetwork.CreateAsync(Token);
        var nodes = new List<SoakNode>();
        try
        {
            while (nodes.Count < Nodes)
            {
                var host = await network.AddHostAsync($"soak{nodes.Count}", Token);
                await host.LimitSendingAsync(Megabits, Token);
                nodes.Add(await SoakNode.StartAsync(host, nodes.Count, nodes.Count == 0 ? host.Address : System.Net.IPAddress.Parse("10.77.0.2"), Token));
            }

            using var failed = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var start = TimeProvider.System.GetTimestamp();
            bool IsOver() => TimeProvider.System.GetElapsedTime(start) >= Duration || failed.IsCancellationRequested;
            // Two at a time, each among its half: some of each half are up.
            var killing = nodes.Chunk(Nodes / 2).Select((half, number) => KillAsync(half, Seed + number, IsOver, failed.Token));
            var downloading = nodes.Select(node => DownloadAsync(node, nodes, IsOver, failed.Token));
            await Task.WhenAll(downloading.Concat(killing).Select(work => EndAllIfItFailsAsync(work, failed)))
                .WaitAsync(Duration + Deadline, TimeProvider.System, Token);

            nodes.Sum(node => node.Kills).ShouldBeGreaterThanOrEqualTo(5, "else nothing was proved");
            nodes.ShouldAllBe(node => node.Downloads > 0);
            foreach (var node in nodes)
            {
                (await node.SwarmAsync(Token)).ShouldBe((0, "seeding"), $"{node.Name}: nobody lied, and what it seeds survived");
            }
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{nodes.Sum(node => node.Downloads)} downloads over {nodes.Sum(node => node.Kills)} kills: {string.Join(", ", nodes.Select(node => $"{node.Name} {node.Downloads}/{node.Kills}"))}");
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    /// <summary>All go through the torrents in the same order, so that several want the same one at a time.</summary>
    private static async Task DownloadAsync(SoakNode node, IReadOnlyList<SoakNode> nodes, Func<bool> isOver, CancellationToken cancellationToken)
    {
        for (var turn = 0; !isOver(); turn++)
        {
            if (nodes[turn % Nodes] is var other && other != node)
            {
                await node.DownloadAsync(other.Offer, cancellationToken);
            }
        }
    }

    private static async Task KillAsync(SoakNode[] nodes, int seed, Func<bool> isOver, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        while (!isOver())
        {
            await PauseAsync();
            var victim = nodes[random.Next(nodes.Length)];
            await victim.KillAsync(cancellationToken);
            await PauseAsync();
            await victim.RestartAsync(cancellationToken);
        }

        Task PauseAsync() => Task.Delay(TimeSpan.FromMilliseconds(random.Next(200, 3000)), TimeProvider.System, cancellationToken);
    }

    private static async Task EndAllIfItFailsAsync(Task work, CancellationTokenSource all)
    {
        try
        {
            await work;
        }
        catch (OperationCanceledException) when (all.IsCancellationRequested)
        {
            // Another failed, and says why.
        }
        catch
        {
            await all.CancelAsync();
            throw;
        }
    }
}

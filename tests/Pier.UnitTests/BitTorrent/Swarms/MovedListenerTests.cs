using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Swarms;
using Pier.UnitTests.BitTorrent.Storage;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>A node that was alone opens itself to others while it runs.</summary>
public sealed class MovedListenerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Peers_connect_where_the_listener_moved_on_the_same_port()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(300_000);
        var metainfo = Engines.BlobOf(bytes);
        var seeder = await engines.StartAsync();
        await engines.SeedAsync(seeder, metainfo, bytes);

        await seeder.MoveListenerAsync(new IPEndPoint(IPAddress.Any, seeder.ListenEndPoint.Port), Token);

        seeder.ListenEndPoint.Address.ShouldBe(IPAddress.Any);
        var leecher = await engines.StartAsync();
        var spec = SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Empty(bytes.Length))) with
        {
            Peers = [new IPEndPoint(IPAddress.Loopback, seeder.ListenEndPoint.Port)],
        };
        var swarm = await leecher.AddAsync(spec, Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
    }

    [Fact]
    public async Task A_taken_address_leaves_the_listener_where_it_was()
    {
        await using var engines = new Engines();
        var engine = await engines.StartAsync();
        var before = engine.ListenEndPoint;
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        await Should.ThrowAsync<SocketException>(() => engine.MoveListenerAsync((IPEndPoint)other.LocalEndpoint, Token));

        engine.ListenEndPoint.ShouldBe(before);
        using var client = new TcpClient();
        await client.ConnectAsync(before, Token);
    }
}

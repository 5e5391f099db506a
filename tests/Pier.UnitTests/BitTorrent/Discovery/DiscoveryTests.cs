using System.Buffers;
using System.Net;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Dht;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Magnets;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.UnitTests.BitTorrent.Storage;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Discovery;

/// <summary>Real engines find each other without trackers, and private torrents stay where they are.</summary>
public sealed class DiscoveryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_magnet_link_without_tracker_is_fetched_through_the_DHT()
    {
        await using var engines = new Engines();
        var meetingPlace = await engines.StartAsync(WithDht());
        var seeder = await engines.StartAsync(WithDht(meetingPlace));
        var leecher = await engines.StartAsync(WithDht(meetingPlace));
        var bytes = Engines.RandomBytes(300_000);
        var metainfo = Engines.BlobOf(bytes);
        await seeder.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Full(bytes))) with { Discovery = PeerDiscovery.Dht }, Token);
        await Eventually.TrueAsync(() => meetingPlace.Dht!.StoredTorrents > 0, "the seeder has announced", Engines.Deadline, Token);

        var magnet = SwarmSpec.For(MagnetLink.To(metainfo), Engines.Holding(MemoryStorage.Empty(bytes.Length)));
        var swarm = await leecher.AddAsync(magnet with { Discovery = PeerDiscovery.Dht }, Token);

        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
    }

    [Fact]
    public async Task A_private_torrent_is_announced_nowhere()
    {
        await using var engines = new Engines();
        var engine = await engines.StartAsync(WithDht());
        var (metainfo, bytes) = await PrivateAsync();
        var seed = await engine.AddAsync(
            SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Full(bytes))) with { Discovery = PeerDiscovery.All }, Token);
        await Eventually.TrueAsync(() => seed.Statistics.State == SwarmState.Seeding, "it seeds", Engines.Deadline, Token);
        engine.Dht!.Followed.ShouldBe(0);
        using var peer = await FakePeer.MeetAsync(engine.ListenEndPoint, metainfo.Id.Primary, Token, ReservedBits.Extensions | ReservedBits.Dht);
        var hello = ExtensionHandshake.Parse((await peer.ExpectAsync(MessageId.Extended, Token)).AsSpan(1));
        hello.Ids.Pex.ShouldBe((byte)0);

        // By its magnet link nobody can know; once the metadata is here it ends.
        var other = await engines.StartAsync(WithDht());
        var magnet = SwarmSpec.For(MagnetLink.To(metainfo), Engines.Holding(MemoryStorage.Empty(bytes.Length)));
        var swarm = await other.AddAsync(magnet with { Discovery = PeerDiscovery.All }, Token);
        await Eventually.TrueAsync(() => other.Dht!.Followed > 0, "it looks", Engines.Deadline, Token);
        await swarm.AddPeersAsync([engine.ListenEndPoint], Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
        other.Dht!.Followed.ShouldBe(0);
    }

    [Fact]
    public async Task Peers_that_are_in_the_DHT_tell_each_other_where()
    {
        await using var engines = new Engines();
        var engine = await engines.StartAsync(WithDht());
        var bytes = Engines.RandomBytes(100_000);
        var metainfo = Engines.BlobOf(bytes);
        await engine.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Full(bytes))) with { Discovery = PeerDiscovery.Dht }, Token);
        using var peer = await FakePeer.MeetAsync(engine.ListenEndPoint, metainfo.Id.Primary, Token, ReservedBits.Extensions | ReservedBits.Dht);

        var port = await peer.ExpectAsync(MessageId.Port, Token);
        ((port[0] << 8) | port[1]).ShouldBe(engine.ListenEndPoint.Port);

        using var node = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var ours = (ushort)((IPEndPoint)node.Client.LocalEndPoint!).Port;
        await peer.SendAsync(writer => writer.Raw(MessageId.Port, [(byte)(ours >> 8), (byte)ours]), Token);
        var ping = await node.ReceiveAsync(Token).AsTask().WaitAsync(Engines.Deadline, Token);
        ping.RemoteEndPoint.ShouldBe(engine.ListenEndPoint);
        System.Text.Encoding.Latin1.GetString(ping.Buffer).ShouldContain("1:q4:ping");
    }

    [Fact]
    public async Task Peers_hear_of_each_other_from_whom_both_know()
    {
        await using var engines = new Engines();
        var engine = await engines.StartAsync();
        var bytes = Engines.RandomBytes(100_000);
        var metainfo = Engines.BlobOf(bytes);
        await engine.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Full(bytes))) with { Discovery = PeerDiscovery.Pex }, Token);
        using var first = await MeetAsync(engine, metainfo, listens: 7001);
        using var second = await MeetAsync(engine, metainfo, listens: 7002);

        PexMessage told;
        do
        {
            var message = await first.ExpectAsync(MessageId.Extended, Token).WaitAsync(Engines.Deadline, Token);
            told = message[0] == 5 ? PexMessage.Parse(message.AsSpan(1)) : new PexMessage([], []);
        }
        while (told.Added.Count == 0);

        told.Added.ShouldHaveSingleItem().EndPoint.ShouldBe(new IPEndPoint(IPAddress.Loopback, 7002));
    }

    [Fact]
    public async Task A_download_learns_of_its_seed_through_another_download()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(300_000);
        var metainfo = Engines.BlobOf(bytes);
        var seeder = await engines.StartAsync();
        await engines.SeedAsync(seeder, metainfo, bytes);
        var engine = await engines.StartAsync();
        var swarm = await engine.AddAsync(
            SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Empty(bytes.Length))) with { Discovery = PeerDiscovery.Pex }, Token);
        using var teller = await MeetAsync(engine, metainfo, listens: 7001);
        var body = new ArrayBufferWriter<byte>();
        new PexMessage([new PexPeer(seeder.ListenEndPoint, PexFlags.IsSeed)], []).WriteTo(body);

        await teller.SendAsync(writer => writer.Extended(1, body.WrittenSpan), Token);

        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
    }

    [Fact]
    public async Task Who_tells_of_peers_all_the_time_is_hung_up_on()
    {
        await using var engines = new Engines();
        var engine = await engines.StartAsync();
        var bytes = Engines.RandomBytes(100_000);
        var metainfo = Engines.BlobOf(bytes);
        var swarm = await engine.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Full(bytes))) with { Discovery = PeerDiscovery.Pex }, Token);
        using var teller = await MeetAsync(engine, metainfo, listens: 7001);
        var body = new ArrayBufferWriter<byte>();
        new PexMessage([new PexPeer(new IPEndPoint(IPAddress.Loopback, 9), PexFlags.None)], []).WriteTo(body);
        for (var i = 0; i < 12; i++)
        {
            await teller.SendAsync(writer => writer.Extended(1, body.WrittenSpan), Token);
        }

        await teller.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
        swarm.Statistics.State.ShouldBe(SwarmState.Seeding);
    }

    private static async Task<FakePeer> MeetAsync(BitTorrentEngine engine, Metainfo metainfo, int listens)
    {
        var peer = await FakePeer.MeetAsync(engine.ListenEndPoint, metainfo.Id.Primary, Token);
        var hello = new ArrayBufferWriter<byte>();
        new ExtensionHandshake { Ids = new ExtensionIds { Pex = 5 }, ListenPort = listens }.WriteTo(hello);
        await peer.SendAsync(writer => writer.Extended(ExtensionHandshake.Id, hello.WrittenSpan), Token);
        return peer;
    }

    private static BitTorrentOptions WithDht(BitTorrentEngine? bootstrap = null) => Engines.Options with
    {
        Dht = new DhtOptions { Bootstrap = bootstrap is null ? [] : [new DnsEndPoint("127.0.0.1", bootstrap.ListenEndPoint.Port)] },
    };

    private static async Task<(Metainfo Metainfo, byte[] Bytes)> PrivateAsync()
    {
        await using var folder = TempFolder.Create("private");
        var bytes = Engines.RandomBytes(100_000);
        await File.WriteAllBytesAsync(folder.Below("secret"), bytes, Token);
        var metainfo = await TorrentBuilder.CreateAsync(folder.Below("secret"), new TorrentCreationOptions { IsPrivate = true }, progress: null, Token);
        metainfo.IsPrivate.ShouldBeTrue();
        return (metainfo, bytes);
    }
}

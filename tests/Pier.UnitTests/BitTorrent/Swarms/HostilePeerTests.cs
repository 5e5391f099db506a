using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using Pier.BitTorrent.Encryption;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;
using Pier.TestKit;
using Pier.UnitTests.BitTorrent.Storage;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>Peers that send garbage, nothing, lies or too much: each is dropped, and the torrent goes on with others.</summary>
public sealed class HostilePeerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(EncryptionPolicy.Off, 1000)]
    [InlineData(EncryptionPolicy.Prefer, 0.2)]
    public async Task Garbage_is_hung_up_on_at_once_or_when_it_becomes_no_key_exchange(EncryptionPolicy encryption, double timeout)
    {
        await using var engines = new Engines();
        var engine = await engines.StartAsync(
            Engines.Options with { Encryption = encryption, HandshakeTimeout = TimeSpan.FromSeconds(timeout) });
        using var peer = await FakePeer.ConnectAsync(engine.ListenEndPoint, Token);
        await peer.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), Token);
        await peer.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
    }

    [Fact]
    public async Task Silence_is_hung_up_on()
    {
        await using var engines = new Engines();
        var engine = await engines.StartAsync(Engines.Options with { HandshakeTimeout = TimeSpan.FromSeconds(0.2) });
        using var peer = await FakePeer.ConnectAsync(engine.ListenEndPoint, Token);
        await peer.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
    }

    [Fact]
    public async Task Silence_after_the_handshake_is_hung_up_on()
    {
        await using var engines = new Engines();
        var (engine, metainfo, _) = await SeedAsync(engines, Engines.Options with { IdleTimeout = TimeSpan.FromSeconds(1) });
        using var peer = await FakePeer.MeetAsync(engine.ListenEndPoint, metainfo.Id.Primary, Token);
        await peer.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
    }

    [Fact]
    public async Task Unknown_torrents_are_hung_up_on_without_a_word()
    {
        await using var engines = new Engines();
        var engine = await engines.StartAsync();
        await Should.ThrowAsync<IOException>(() => FakePeer.MeetAsync(engine.ListenEndPoint, new InfoHash(new byte[20]), Token));
    }

    [Theory]
    [InlineData("7fffffff05")]
    [InlineData("000000050400ffffff")]
    [InlineData("00000003050000")]
    [InlineData("0000000d06000000000000000000020001")]
    [InlineData("0000000d0600000000003fffff00004000")]
    [InlineData("000000031400ff")]
    public async Task Broken_messages_are_hung_up_on(string hex)
    {
        await using var engines = new Engines();
        var (engine, metainfo, swarm) = await SeedAsync(engines);
        using var peer = await FakePeer.MeetAsync(engine.ListenEndPoint, metainfo.Id.Primary, Token);
        await peer.SendAsync(Convert.FromHexString(hex), Token);
        await peer.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
        swarm.Statistics.State.ShouldBe(SwarmState.Seeding);
    }

    [Fact]
    public async Task A_peer_that_sends_a_bad_piece_alone_is_banned_at_once()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(300_000);
        var metainfo = Engines.BlobOf(bytes);
        var leecher = await engines.StartAsync();
        var storage = MemoryStorage.Empty(bytes.Length);
        var swarm = await leecher.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(storage)), Token);
        using (var liar = await FakePeer.MeetAsync(leecher.ListenEndPoint, metainfo.Id.Primary, Token))
        {
            await liar.OfferAllAsync(Token);
            await ServeAsync(liar, _ => new byte[WireLimits.BlockSize], Token).WaitAsync(Engines.Deadline, Token);
        }

        await Eventually.TrueAsync(() => swarm.Statistics.Bans == 1, "the liar is banned", Engines.Deadline, Token);
        var seeder = await engines.StartAsync();
        await engines.SeedAsync(seeder, metainfo, bytes);
        await swarm.AddPeersAsync([seeder.ListenEndPoint], Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
        storage.Bytes.ShouldBe(bytes);
        swarm.Statistics.HashFailures.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Of_two_that_mixed_a_bad_piece_the_one_who_lied_is_found()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(256 * 1024);
        var metainfo = Engines.BlobOf(bytes);
        var leecher = await engines.StartAsync(Engines.Options with { MaxPipeline = 4 });
        var storage = MemoryStorage.Empty(bytes.Length);
        var swarm = await leecher.AddAsync(SwarmSpec.For(metainfo, Engines.Holding(storage)), Token);
        using var liar = await FakePeer.MeetAsync(leecher.ListenEndPoint, metainfo.Id.Primary, Token);
        using var honest = await FakePeer.MeetAsync(leecher.ListenEndPoint, metainfo.Id.Primary, Token);
        foreach (var peer in new[] { liar, honest })
        {
            await peer.OfferAllAsync(Token);
        }

        var lies = ServeAsync(liar, block => new byte[block.Length], Token, most: 2);
        await lies.WaitAsync(Engines.Deadline, Token);
        // Hung up on with requests unread, a connection may take with it what it carried the other way.
        await Eventually.TrueAsync(() => swarm.Statistics.Downloaded >= 2 * (16 << 10), "the lies to arrive", Engines.Deadline, Token);
        // Not sooner: its blocks would be counted in place of the lies.
        var truth = ServeAsync(honest, block => bytes.AsSpan(block.Offset, block.Length).ToArray(), Token);
        // The liar holds requests that it never answers; gone, they are asked of the honest one.
        liar.Dispose();
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
        storage.Bytes.ShouldBe(bytes);
        await Eventually.TrueAsync(() => swarm.Statistics.Bans == 1, "the liar is banned", Engines.Deadline, Token);
        swarm.Statistics.HashFailures.ShouldBe(1);
        honest.Dispose();
        await truth.WaitAsync(Engines.Deadline, Token);
    }

    [Fact]
    public async Task A_lying_metadata_size_is_hung_up_on()
    {
        await using var engines = new Engines();
        var (engine, metainfo, swarm) = await MagnetAsync(engines);
        using var peer = await FakePeer.MeetAsync(engine.ListenEndPoint, metainfo.Id.Primary, Token);
        await peer.SendAsync(writer => writer.Extended(0, Hello(long.MaxValue)), Token);
        await peer.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
        await GoodPeerFinishesAsync(engines, metainfo, swarm);
        await Eventually.TrueAsync(() => swarm.Statistics.Violations == 1, "the lie is counted", Engines.Deadline, Token);
    }

    [Fact]
    public async Task Metadata_that_is_not_what_the_info_hash_names_is_refused_and_its_sender_banned()
    {
        await using var engines = new Engines();
        var (engine, metainfo, swarm) = await MagnetAsync(engines);
        using (var liar = await FakePeer.MeetAsync(engine.ListenEndPoint, metainfo.Id.Primary, Token))
        {
            await liar.SendAsync(writer => writer.Extended(0, Hello(100)), Token);
            await liar.ExpectAsync(MessageId.Extended, Token).WaitAsync(Engines.Deadline, Token);
            byte[] lie = [.. "d8:msg_typei1e5:piecei0e10:total_sizei100ee"u8, .. new byte[100]];
            await liar.SendAsync(writer => writer.Extended(2, lie), Token);
            await liar.ExpectHangUpAsync(Token).WaitAsync(Engines.Deadline, Token);
        }

        await Eventually.TrueAsync(() => swarm.Statistics.Bans == 1, "the liar is banned", Engines.Deadline, Token);
        swarm.Statistics.State.ShouldBe(SwarmState.FetchingMetadata);
        await GoodPeerFinishesAsync(engines, metainfo, swarm);
    }

    [Fact]
    public async Task Connections_to_oneself_are_noticed_and_not_tried_again()
    {
        await using var engines = new Engines();
        var (engine, _, swarm) = await MagnetAsync(engines);
        await swarm.AddPeersAsync([engine.ListenEndPoint], Token);
        const int incomingRefused = 2002, dialFailed = 2003;
        await Eventually.TrueAsync(
            () => engines.Logs.Has(incomingRefused) && engines.Logs.Has(dialFailed), "the engine met itself, at both ends", Engines.Deadline, Token);

        // Who dialled was told who answered: he tries it neither encrypted nor by another name.
        engines.Logs.Entries.Where(entry => entry.Event.Id is incomingRefused or dialFailed)
            .ShouldAllBe(entry => entry.Message.EndsWith("is ourselves", StringComparison.Ordinal));
        engines.Logs.Entries.Count(entry => entry.Event.Id == incomingRefused).ShouldBe(1);
        swarm.Statistics.Peers.ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_is_not_admitted_hears_nothing()
    {
        await using var engines = new Engines();
        var bytes = Engines.RandomBytes(1000);
        var metainfo = Engines.BlobOf(bytes);
        var engine = await engines.StartAsync();
        await engine.AddAsync(
            SwarmSpec.For(metainfo, Engines.Holding(MemoryStorage.Full(bytes))) with { Admit = address => !IPAddress.IsLoopback(address) },
            Token);
        await Should.ThrowAsync<IOException>(() => FakePeer.MeetAsync(engine.ListenEndPoint, metainfo.Id.Primary, Token));
    }

    private static byte[] Hello(long metadataSize)
    {
        var hello = new ArrayBufferWriter<byte>();
        new ExtensionHandshake { Ids = new ExtensionIds { Metadata = 7 }, MetadataSize = metadataSize }.WriteTo(hello);
        return hello.WrittenSpan.ToArray();
    }

    /// <summary>Answers requests until the engine hangs up, or so many are answered.</summary>
    private static async Task ServeAsync(FakePeer peer, Func<BlockRange, byte[]> data, CancellationToken cancellationToken, int most = int.MaxValue)
    {
        try
        {
            for (; most > 0; most--)
            {
                var request = await peer.ExpectAsync(MessageId.Request, cancellationToken);
                var block = new BlockRange(
                    BinaryPrimitives.ReadInt32BigEndian(request),
                    BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(4)),
                    BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(8)));
                var header = new byte[WireLimits.PieceHeaderLength];
                WireWriter.PieceHeader(header, block);
                await peer.SendAsync((byte[])[.. header, .. data(block)[..block.Length]], cancellationToken);
            }
        }
        catch (IOException)
        {
            // The engine hung up, or the test did.
        }
        catch (ObjectDisposedException)
        {
            // The test hung up.
        }
    }

    private static async Task<(BitTorrentEngine Engine, Metainfo Metainfo, Swarm Swarm)> SeedAsync(Engines engines, BitTorrentOptions? options = null)
    {
        var bytes = Engines.RandomBytes(600_000);
        var metainfo = Engines.BlobOf(bytes);
        var engine = await engines.StartAsync(options);
        var swarm = await engines.SeedAsync(engine, metainfo, bytes);
        await Eventually.TrueAsync(() => swarm.Statistics.State == SwarmState.Seeding, "the torrent is seeded", Engines.Deadline, Token);
        return (engine, metainfo, swarm);
    }

    private static async Task GoodPeerFinishesAsync(Engines engines, Metainfo metainfo, Swarm swarm)
    {
        var seeder = await engines.StartAsync();
        await engines.SeedAsync(seeder, metainfo, Engines.RandomBytes(600_000));
        await swarm.AddPeersAsync([seeder.ListenEndPoint], Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
    }

    private static async Task<(BitTorrentEngine Engine, Metainfo Metainfo, Swarm Swarm)> MagnetAsync(Engines engines)
    {
        var bytes = Engines.RandomBytes(600_000);
        var metainfo = Engines.BlobOf(bytes);
        var engine = await engines.StartAsync();
        var swarm = await engine.AddAsync(
            new SwarmSpec { Id = metainfo.Id, Storage = Engines.Holding(MemoryStorage.Empty(bytes.Length)) }, Token);
        return (engine, metainfo, swarm);
    }
}

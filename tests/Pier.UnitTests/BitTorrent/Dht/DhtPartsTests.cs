using System.Net;
using Pier.BitTorrent.Dht;
using Pier.BitTorrent.Limits;
using Pier.BitTorrent.Torrents;
using Pier.TestKit.Files;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Dht;

/// <summary>Stored peers, tokens, limits, our address and the file, each by itself on a hand-moved clock.</summary>
public sealed class DhtPartsTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Peers_are_kept_for_half_an_hour_and_at_most_so_many()
    {
        var store = new PeerStore(maxPeers: 5, maxAnnounces: 7, _time);
        for (var i = 1; i <= 8; i++)
        {
            store.Add(Hash(1), Peer(i));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        store.Get(Hash(1), 100, Random.Shared).ShouldBe(Enumerable.Range(4, 5).Select(Peer), ignoreOrder: true);
        store.Get(Hash(1), 2, Random.Shared).Length.ShouldBe(2);
        for (byte hash = 2; hash <= 4; hash++)
        {
            store.Add(Hash(hash), Peer(100 + hash));
        }

        (store.TorrentCount, store.PeerCount).ShouldBe((4, 7));
        store.Get(Hash(1), 100, Random.Shared).ShouldBe(Enumerable.Range(5, 4).Select(Peer), ignoreOrder: true, "what was announced longest ago made room");

        _time.Advance(TimeSpan.FromMinutes(20));
        store.Add(Hash(2), Peer(2));
        _time.Advance(TimeSpan.FromMinutes(11));
        store.Expire();
        (store.TorrentCount, store.PeerCount).ShouldBe((1, 1));
        store.Get(Hash(2), 100, Random.Shared).ShouldBe([Peer(2)]);
    }

    [Fact]
    public void Who_announces_everything_pushes_nobody_else_out()
    {
        var store = new PeerStore(maxPeers: 5, maxAnnounces: 20, _time);
        for (var i = 1; i <= 4; i++)
        {
            store.Add(Hash((byte)i), Peer(i));
        }

        for (var i = 0; i < 1000; i++)
        {
            store.Add(Hash((byte)(10 + (i % 200))), new IPEndPoint(IPAddress.Parse("6.6.6.6"), 1 + i));
        }

        store.PeerCount.ShouldBe(20);
        for (var i = 1; i <= 4; i++)
        {
            store.Get(Hash((byte)i), 100, Random.Shared).ShouldBe([Peer(i)]);
        }
    }

    [Theory]
    [InlineData("6.6.6.6", "6.6.6.6")]
    [InlineData("2a00:0:0:1::1", "2a00:0:0:1:ffff::2")]
    public void One_network_is_a_few_of_a_torrents_peers(string first, string second)
    {
        var store = new PeerStore(maxPeers: 50, maxAnnounces: 100, _time);
        for (var port = 1; port <= 30; port++)
        {
            store.Add(Hash(1), new IPEndPoint(IPAddress.Parse(port % 2 == 0 ? first : second), port));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        store.Get(Hash(1), 100, Random.Shared).Select(peer => peer.Port).ShouldBe(Enumerable.Range(23, 8), ignoreOrder: true);
        for (var port = 1; port <= 30; port++)
        {
            store.Add(Hash(2), new IPEndPoint(IPAddress.Loopback, port));
        }

        store.Get(Hash(2), 100, Random.Shared).Length.ShouldBe(30, "our own machine may hold many");
    }

    [Fact]
    public void A_token_is_good_for_its_address_for_five_to_ten_minutes()
    {
        var jar = new TokenJar(_time);
        var token = new byte[TokenJar.Size];
        jar.Write(IPAddress.Parse("1.2.3.4"), token);

        jar.IsGood(IPAddress.Parse("1.2.3.4"), token).ShouldBeTrue();
        jar.IsGood(IPAddress.Parse("1.2.3.5"), token).ShouldBeFalse();
        jar.IsGood(IPAddress.Parse("1.2.3.4"), []).ShouldBeFalse();
        _time.Advance(TimeSpan.FromMinutes(6));
        jar.IsGood(IPAddress.Parse("1.2.3.4"), token).ShouldBeTrue();
        _time.Advance(TimeSpan.FromMinutes(5));
        jar.IsGood(IPAddress.Parse("1.2.3.4"), token).ShouldBeFalse();
    }

    [Fact]
    public void A_token_does_not_outlive_a_long_silence()
    {
        var jar = new TokenJar(_time);
        var token = new byte[TokenJar.Size];
        jar.Write(IPAddress.Loopback, token);
        _time.Advance(TimeSpan.FromHours(1));
        jar.IsGood(IPAddress.Loopback, token).ShouldBeFalse();
    }

    [Fact]
    public void One_source_gets_its_share_and_all_together_theirs()
    {
        var limiter = new SourceLimiter(maxDatagramRate: 100, maxQueryRate: 10, maxAnswerRate: 1000, _time);
        var loud = IPAddress.Parse("1.1.1.1");
        Enumerable.Range(0, 200).Count(_ => limiter.TryAnswer(loud)).ShouldBe(30);
        limiter.TryAnswer(IPAddress.Parse("1.1.1.2")).ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(1));
        Enumerable.Range(0, 200).Count(_ => limiter.TryAnswer(loud)).ShouldBe(10);
        Enumerable.Range(0, 1000).Count(_ => limiter.TryRead()).ShouldBe(300);
        limiter.Answered(3001);
        limiter.TryAnswer(IPAddress.Parse("1.1.1.3")).ShouldBeFalse("enough was sent to all together");
        _time.Advance(TimeSpan.FromSeconds(1));
        limiter.TryAnswer(IPAddress.Parse("1.1.1.3")).ShouldBeTrue();
    }

    [Fact]
    public void One_IPv6_network_is_one_source()
    {
        var limiter = new SourceLimiter(maxDatagramRate: 100, maxQueryRate: 10, maxAnswerRate: 1000, _time);
        Enumerable.Range(1, 200).Count(i => limiter.TryAnswer(IPAddress.Parse($"2a00:0:0:1::{i}"))).ShouldBe(30);
    }

    [Fact]
    public void Our_address_is_what_most_nodes_say()
    {
        var external = new ExternalAddress();
        var ours = IPAddress.Parse("84.124.73.14");
        external.Vote(Voter(1), IPAddress.Parse("6.6.6.6")).ShouldBeFalse();
        for (var i = 2; i <= 4; i++)
        {
            external.Vote(Voter(i), ours).ShouldBeFalse();
            external.Vote(Voter(i), ours).ShouldBeFalse("a voter counts once");
        }

        external.Vote(IPAddress.Loopback, ours).ShouldBeFalse("our own machine sees another address");
        external.Vote(Voter(5), IPAddress.Parse("10.0.0.1")).ShouldBeFalse();
        external.Vote(Voter(6), ours).ShouldBeTrue();
        external.Current.ShouldBe(ours);
        external.Vote(Voter(7), ours).ShouldBeFalse("nothing new");
    }

    [Fact]
    public async Task The_file_keeps_ids_and_nodes_and_forgets_what_it_cannot_read()
    {
        await using var folder = TempFolder.Create("dht");
        var path = folder.Below("dht.json");
        DhtFile.Read(path).ShouldBe(DhtState.Empty);
        var state = new DhtState(
            NodeId.Random(Random.Shared), NodeId.Random(Random.Shared), [new(NodeId.Random(Random.Shared), Peer(7)), new(NodeId.Random(Random.Shared), new IPEndPoint(IPAddress.IPv6Loopback, 9))]);

        DhtFile.Write(path, state);

        var read = DhtFile.Read(path);
        (read.V4, read.V6).ShouldBe((state.V4, state.V6));
        read.Nodes.ShouldBe(state.Nodes);
        File.Exists($"{path}.tmp").ShouldBeFalse();
        foreach (var torn in (string[])["", "{", "[]", "{\"version\":2}", "{\"version\":1,\"id\":\"zz\",\"nodes\":[null,\"x\",\"@\",\"00@1.2.3.4:5\"]}"])
        {
            await File.WriteAllTextAsync(path, torn, TestContext.Current.CancellationToken);
            DhtFile.Read(path).Nodes.ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task The_file_has_the_form_it_was_frozen_with()
    {
        await using var folder = TempFolder.Create("dht");
        var path = folder.Below("dht.json");
        DhtFile.Write(path, new DhtState(new NodeId(new byte[20]), null, [new(new NodeId("abcdefghij0123456789"u8), Peer(7))]));
        (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).ShouldBe(
            "{\"version\":1,\"id\":\"0000000000000000000000000000000000000000\",\"id6\":null,\"nodes\":[\"6162636465666768696a30313233343536373839@9.9.9.7:6881\"]}");
    }

    private static InfoHash Hash(byte last) => new([.. new byte[19], last]);

    private static IPEndPoint Peer(int last) => new(new IPAddress([9, 9, 9, (byte)last]), 6881);

    private static IPAddress Voter(int last) => new([7, 7, 7, (byte)last]);
}

using System.Net;
using System.Text;
using Pier.BitTorrent.Dht;
using Pier.BitTorrent.Dht.Krpc;
using Pier.BitTorrent.Torrents;
using Pier.UnitTests.BitTorrent.Fuzzing;

namespace Pier.UnitTests.BitTorrent.Dht;

/// <summary>DHT messages by their exact bytes: those of BEP 5 and 32 are read, ours are written with our version beside them.</summary>
public sealed class KrpcTests
{
    private static readonly NodeId Ours = new("abcdefghij0123456789"u8);
    private static readonly NodeId Target = new("mnopqrstuvwxyz123456"u8);
    private static readonly InfoHash Torrent = new("mnopqrstuvwxyz123456"u8);
    private static readonly IPEndPoint Asker = new(IPAddress.Parse("1.2.3.4"), 0x0506);

    private static KrpcWriter Writer => new(isReadOnly: false);

    [Fact]
    public void Queries_as_BEP_5_writes_them()
    {
        Text(Writer.Ping("aa"u8, Ours)).ShouldBe("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:v4:PI\u0001\01:y1:qe");
        Text(Writer.FindNode("aa"u8, Ours, Target, WantedNodes.V4 | WantedNodes.V6)).ShouldBe(
            "d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz1234564:wantl2:n42:n6ee1:q9:find_node1:t2:aa1:v4:PI\u0001\01:y1:qe");
        Text(Writer.GetPeers("aa"u8, Ours, Torrent, WantedNodes.Unsaid)).ShouldBe(
            "d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456e1:q9:get_peers1:t2:aa1:v4:PI\u0001\01:y1:qe");
        Text(Writer.AnnouncePeer("aa"u8, Ours, Torrent, 6881, "aoeusnth"u8)).ShouldBe(
            "d1:ad2:id20:abcdefghij012345678912:implied_porti0e9:info_hash20:mnopqrstuvwxyz1234564:porti6881e5:token8:aoeusnthe"
            + "1:q13:announce_peer1:t2:aa1:v4:PI\u0001\01:y1:qe");
    }

    [Fact]
    public void A_read_only_node_says_so() =>
        Text(new KrpcWriter(isReadOnly: true).Ping("aa"u8, Ours)).ShouldBe("d1:ad2:id20:abcdefghij0123456789e1:q4:ping2:roi1e1:t2:aa1:v4:PI\u0001\01:y1:qe");

    [Fact]
    public void Answers_and_errors()
    {
        Text(Writer.Answer("aa"u8, Ours, Asker, [], [], [])).ShouldBe(
            "d2:ip6:\u0001\u0002\u0003\u0004\u0005\u00061:rd2:id20:abcdefghij0123456789e1:t2:aa1:v4:PI\u0001\01:y1:re");
        NodeContact[] nodes = [new(Target, new IPEndPoint(IPAddress.Parse("5.6.7.8"), 0x4142)), new(Ours, new IPEndPoint(IPAddress.Parse("2a00::1"), 0x4142))];
        Text(Writer.Answer("aa"u8, Ours, Asker, nodes, "tok"u8, [new IPEndPoint(IPAddress.Parse("97.98.99.100"), 0x2e65)])).ShouldBe(
            "d2:ip6:\u0001\u0002\u0003\u0004\u0005\u00061:rd2:id20:abcdefghij01234567895:nodes26:mnopqrstuvwxyz123456\u0005\u0006\u0007\u0008AB"
            + "6:nodes638:abcdefghij0123456789\u002a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\u0001AB5:token3:tok6:valuesl6:abcd.eee1:t2:aa1:v4:PI\u0001\01:y1:re");
        Text(Writer.Error("aa"u8, KrpcErrorCode.Generic, "A Generic Error Ocurred")).ShouldBe("d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:v4:PI\u0001\01:y1:ee");
    }

    [Fact]
    public void The_examples_of_BEP_5_are_read()
    {
        var error = Read("d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee");
        (error.Kind, error.ErrorCode).ShouldBe((KrpcKind.Error, 201));

        var query = Read("d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456e1:q9:get_peers1:t2:aa1:y1:qe");
        (query.Kind, query.Method, query.Id, query.InfoHash).ShouldBe((KrpcKind.Query, KrpcMethod.GetPeers, Ours, Torrent));
        query.Transaction.ShouldBe("aa"u8.ToArray());

        var answer = Read("d1:rd2:id20:abcdefghij01234567895:token8:aoeusnth6:valuesl6:axje.u6:idhtnmee1:t2:aa1:y1:re");
        answer.Token.ShouldBe("aoeusnth"u8.ToArray());
        answer.Values.ShouldBe([new IPEndPoint(IPAddress.Parse("97.120.106.101"), 11893), new IPEndPoint(IPAddress.Parse("105.100.104.116"), 28269)]);

        var announce = Read(
            "d1:ad2:id20:abcdefghij012345678912:implied_porti1e9:info_hash20:mnopqrstuvwxyz1234564:porti6881e5:token8:aoeusnthe1:q13:announce_peer1:t2:aa1:y1:qe");
        (announce.Method, announce.Port, announce.IsPortImplied).ShouldBe((KrpcMethod.AnnouncePeer, 6881, true));

        var want = Read("d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz1234564:wantl2:n62:n4ee1:q9:find_node2:roi1e1:t2:aa1:y1:qe");
        (want.Want, want.IsReadOnly, want.Target).ShouldBe((WantedNodes.V4 | WantedNodes.V6, true, Target));
    }

    [Fact]
    public void What_we_write_we_read()
    {
        NodeContact[] nodes = [new(Target, new IPEndPoint(IPAddress.Parse("5.6.7.8"), 1)), new(Ours, new IPEndPoint(IPAddress.Parse("2a00::1"), 2))];
        IPEndPoint[] peers = [new(IPAddress.Parse("9.9.9.9"), 3), new(IPAddress.Parse("2a00::2"), 4)];

        var read = KrpcReader.Read(Writer.Answer("xy"u8, Ours, Asker, nodes, "tok"u8, peers));

        read.Nodes.ShouldBe(nodes);
        read.Values.ShouldBe(peers);
        (read.Id, read.SeenAt).ShouldBe((Ours, Asker));
    }

    [Fact]
    public void The_longest_answer_fits_a_datagram()
    {
        var nodes4 = Enumerable.Range(1, 8).Select(i => new NodeContact(Target, new IPEndPoint(IPAddress.Parse($"5.6.7.{i}"), 60000)));
        var nodes6 = Enumerable.Range(1, 8).Select(i => new NodeContact(Target, new IPEndPoint(IPAddress.Parse($"2a00::{i}"), 60000)));
        var peers4 = Enumerable.Range(1, 80).Select(i => new IPEndPoint(IPAddress.Parse($"9.9.9.{i}"), 60000)).ToArray();
        var peers6 = Enumerable.Range(1, 30).Select(i => new IPEndPoint(IPAddress.Parse($"2a00::{i}"), 60000)).ToArray();
        NodeContact[] nodes = [.. nodes4, .. nodes6];

        Writer.Answer(new byte[32], Ours, Asker, nodes, new byte[8], peers4).Length.ShouldBeLessThan(1400);
        Writer.Answer(new byte[32], Ours, Asker, nodes, new byte[8], peers6).Length.ShouldBeLessThan(1400);
    }

    [Theory]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("de")]
    [InlineData("le")]
    [InlineData("d1:y1:xe")]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aae")]
    [InlineData("d1:rd2:id20:abcdefghij01234567895:nodes25:abcdefghij012345678912345e1:t2:aa1:y1:re")]
    [InlineData("d1:t33:0123456789012345678901234567890121:y1:qe")]
    public void What_is_no_message_is_refused(string bytes) => Should.Throw<KrpcException>(() => Read(bytes));

    [Fact]
    public void Bent_messages_throw_nothing_but_KrpcException_and_stay_within_bounds()
    {
        var mutator = new BencodeMutator(5);
        byte[][] seeds =
        [
            Writer.Answer("xy"u8, Ours, Asker, [new(Target, Asker)], "tok"u8, [Asker]).ToArray(),
            Writer.AnnouncePeer("aa"u8, Ours, Torrent, 6881, "aoeusnth"u8).ToArray(),
            Writer.FindNode("aa"u8, Ours, Target, WantedNodes.V4).ToArray(),
            Writer.Error("aa"u8, 203, "no").ToArray(),
        ];
        for (var round = 0; round < 20_000; round++)
        {
            try
            {
                var message = KrpcReader.Read(mutator.Mutate(seeds[round % seeds.Length]));
                message.Token.Length.ShouldBeLessThanOrEqualTo(KrpcReader.MaxToken);
                message.Values.Count.ShouldBeLessThanOrEqualTo(KrpcReader.MaxValues);
            }
            catch (KrpcException)
            {
                // As it should.
            }
        }
    }

    private static KrpcMessage Read(string bytes) => KrpcReader.Read(Encoding.Latin1.GetBytes(bytes));

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}

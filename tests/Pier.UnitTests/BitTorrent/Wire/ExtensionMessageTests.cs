using System.Buffers;
using System.Net;
using System.Text;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.UnitTests.BitTorrent.Wire;

/// <summary>The extension handshake, ut_metadata and the hash messages by their bytes.</summary>
public sealed class ExtensionMessageTests
{
    [Fact]
    public void The_handshake_is_written_with_its_keys_in_order()
    {
        var handshake = new ExtensionHandshake
        {
            Ids = new ExtensionIds { Pex = 1, Metadata = 2, DontHave = 3, UploadOnly = 4 }, MetadataSize = 697, RequestQueue = 2000, ListenPort = 5056,
            Client = "Pier", UploadOnly = true, YourIp = IPAddress.Parse("127.0.0.1"), IPv6 = IPAddress.Parse("::1"),
        };
        var output = new ArrayBufferWriter<byte>();
        handshake.WriteTo(output);
        Encoding.Latin1.GetString(output.WrittenSpan).ShouldBe(
            "d4:ipv616:\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\u00011:md11:lt_donthavei3e11:upload_onlyi4e11:ut_metadatai2e6:ut_pexi1ee"
            + "13:metadata_sizei697e1:pi5056e4:reqqi2000e11:upload_onlyi1e1:v4:Pier6:yourip4:\u007f\0\0\u0001e");
        ExtensionHandshake.Parse(output.WrittenSpan).ShouldBe(handshake);
    }

    [Fact]
    public void A_rendezvous_claim_survives_the_way()
    {
        var handshake = new ExtensionHandshake
        {
            Pier = new PierClaim(1L << 40, new TorrentId(new InfoHash(new byte[20]), new InfoHashV2(new byte[32]))),
        };
        var output = new ArrayBufferWriter<byte>();
        handshake.WriteTo(output);
        ExtensionHandshake.Parse(output.WrittenSpan).ShouldBe(handshake);
    }

    [Fact]
    public void A_seeker_claims_nothing() => ExtensionHandshake.Parse("d4:pierdee"u8).Pier.ShouldBe(PierClaim.Seeking);

    [Theory]
    [InlineData("d1:md11:ut_metadatai3e6:ut_pexi1eee")]
    [InlineData("d1:v3:abc1:md11:ut_metadatai3eee")]
    public void Unknown_and_unsorted_keys_are_tolerated(string text) =>
        ExtensionHandshake.Parse(Encoding.UTF8.GetBytes(text)).Ids.Metadata.ShouldBe((byte)3);

    [Theory]
    [InlineData("d1:md11:ut_metadatai300eee", 0)]
    [InlineData("d1:md11:ut_metadatai-1eee", 0)]
    [InlineData("d1:md11:ut_metadatai0eee", 0)]
    public void Ids_that_no_message_could_carry_switch_the_extension_off(string text, byte id) =>
        ExtensionHandshake.Parse(Encoding.UTF8.GetBytes(text)).Ids.Metadata.ShouldBe(id);

    [Theory]
    [InlineData("")]
    [InlineData("le")]
    [InlineData("d1:mi1ee")]
    [InlineData("d1:md11:ut_metadata1:2ee")]
    [InlineData("d4:pierd4:sizei5eee")]
    [InlineData("d4:pierd4:sizei5e2:v13:abcee")]
    public void Malformed_handshakes_are_refused(string text) =>
        Should.Throw<WireException>(() => ExtensionHandshake.Parse(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("d13:metadata_sizei0ee")]
    [InlineData("d13:metadata_sizei-5ee")]
    [InlineData("d1:pi0ee")]
    [InlineData("d1:pi-1ee")]
    [InlineData("d1:pi65536ee")]
    [InlineData("d1:vi3ee")]
    [InlineData("d11:upload_only1:1e")]
    [InlineData("d4:pieri1ee")]
    [InlineData("d4:ipv416:0123456789abcdefe")]
    [InlineData("d4:ipv64:abcde")]
    [InlineData("d6:yourip5:abcdee")]
    [InlineData("d6:youripi1ee")]
    [InlineData("d7:unknown4:abcde")]
    [InlineData("d7:unknown16:0123456789abcdefe")]
    public void What_cannot_be_is_as_good_as_unsaid(string text) =>
        ExtensionHandshake.Parse(Encoding.UTF8.GetBytes(text)).ShouldBe(new ExtensionHandshake());

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(250, 250)]
    [InlineData(long.MaxValue, int.MaxValue)]
    public void The_queue_of_requests_is_kept_within_what_can_be(long said, int queue) =>
        ExtensionHandshake.Parse(Encoding.UTF8.GetBytes($"d4:reqqi{said}ee")).RequestQueue.ShouldBe(queue);

    [Fact]
    public void Addresses_are_read_by_their_length()
    {
        var handshake = ExtensionHandshake.Parse("d4:ipv44:abcd4:ipv616:0123456789abcdef6:yourip16:0123456789abcdefe"u8);
        handshake.IPv4.ShouldBe(new IPAddress("abcd"u8));
        handshake.IPv6.ShouldBe(new IPAddress("0123456789abcdef"u8));
        handshake.YourIp.ShouldBe(handshake.IPv6);
        var output = new ArrayBufferWriter<byte>();
        handshake.WriteTo(output);
        ExtensionHandshake.Parse(output.WrittenSpan).ShouldBe(handshake);
    }

    [Fact]
    public void A_clients_name_is_cut_short_and_cannot_move_the_cursor()
    {
        var name = "\u001b[2J" + new string('x', 200);
        ExtensionHandshake.Parse(Encoding.UTF8.GetBytes($"d1:v{name.Length}:{name}e")).Client.ShouldBe(".[2J" + new string('x', 76));
    }

    [Fact]
    public void A_handshake_beyond_its_bound_is_not_read()
    {
        var body = Encoding.UTF8.GetBytes($"d1:x{WireLimits.MaxExtensionHandshake}:{new string('x', WireLimits.MaxExtensionHandshake)}e");
        Should.Throw<WireException>(() => ExtensionHandshake.Parse(body)).Message.ShouldContain($"{body.Length} bytes");
    }

    [Fact]
    public void A_later_handshake_changes_what_it_says_and_nothing_else()
    {
        var claim = new PierClaim(5, new TorrentId(new InfoHash(new byte[20]), new InfoHashV2(new byte[32])));
        var first = new ExtensionHandshake { MetadataSize = 7, RequestQueue = 8, ListenPort = 9, Client = "first", UploadOnly = false, Pier = claim };
        first.After(null).ShouldBe(first);
        new ExtensionHandshake().After(first).ShouldBe(first);
        var second = new ExtensionHandshake { MetadataSize = 17, RequestQueue = 18, ListenPort = 19, Client = "second", UploadOnly = true, Pier = PierClaim.Seeking };
        second.After(first).ShouldBe(second);
    }

    [Theory]
    [InlineData("d4:pierd4:sizei5e2:v120:0123456789012345678901234:more1:xee")]
    [InlineData("d4:pierd4:sizei5e2:v120:abcdefghij01234567892:v231:0123456789012345678901234567890ee")]
    [InlineData("d4:pierd4:sizei0e2:v120:abcdefghij01234567892:v232:01234567890123456789012345678901ee")]
    [InlineData("d4:pierd2:v120:abcdefghij01234567892:v232:01234567890123456789012345678901ee")]
    [InlineData("d4:pierd2:v232:01234567890123456789012345678901ee")]
    public void Half_a_claim_is_refused(string text) =>
        Should.Throw<WireException>(() => ExtensionHandshake.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Claims_may_hold_more_than_we_know_and_seekers_say_that_they_seek()
    {
        var claim = ExtensionHandshake.Parse("d4:pierd4:morei1e4:sizei5e2:v120:abcdefghij01234567892:v232:01234567890123456789012345678901ee"u8).Pier;
        claim.ShouldBe(new PierClaim(5, new TorrentId(new InfoHash("abcdefghij0123456789"u8), new InfoHashV2("01234567890123456789012345678901"u8))));
        var output = new ArrayBufferWriter<byte>();
        new ExtensionHandshake { Pier = PierClaim.Seeking }.WriteTo(output);
        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe("d1:mde4:pierdee");
    }

    [Fact]
    public void Metadata_messages_by_their_bytes()
    {
        Written(new MetadataMessage(MetadataMessageKind.Request, 1, 0)).ShouldBe("d8:msg_typei0e5:piecei1ee");
        Written(new MetadataMessage(MetadataMessageKind.Reject, 1, 0)).ShouldBe("d8:msg_typei2e5:piecei1ee");
        Written(new MetadataMessage(MetadataMessageKind.Data, 0, 3)).ShouldBe("d8:msg_typei1e5:piecei0e10:total_sizei3ee");
        MetadataMessage.Parse("d8:msg_typei1e5:piecei0e10:total_sizei3eeabc"u8, out var data)
            .ShouldBe(new MetadataMessage(MetadataMessageKind.Data, 0, 3));
        data.ToArray().ShouldBe("abc"u8.ToArray());
    }

    [Theory]
    [InlineData("d5:piecei1ee")]
    [InlineData("d8:msg_typei1ee")]
    [InlineData("d8:msg_typei1e5:piecei-1ee")]
    [InlineData("d8:msg_typei1e5:piecei9999999ee")]
    [InlineData("d8:msg_typei-1e5:piecei1ee")]
    [InlineData("x")]
    public void Malformed_metadata_messages_are_refused(string text) =>
        Should.Throw<WireException>(() => MetadataMessage.Parse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void Metadata_messages_of_later_days_are_read_and_are_none_of_ours()
    {
        var message = MetadataMessage.Parse("d4:morei1e8:msg_typei99999999999e5:piecei2ee"u8, out var data);
        message.Piece.ShouldBe(2);
        Enum.IsDefined(message.Kind).ShouldBeFalse();
        data.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void Hash_requests_survive_the_way_and_are_bounded()
    {
        var request = new HashRequest(new MerkleRoot(new byte[32]), 4, 512, 512, 9);
        var bytes = new byte[HashRequest.Size];
        request.CopyTo(bytes);
        Convert.ToHexStringLower(bytes[32..]).ShouldBe("00000004000002000000020000000009");
        HashRequest.Parse(bytes).ShouldBe(request);
        (int At, byte Value)[] faults = [(35, 49), (39, 1), (43, 3), (42, 0x40), (47, 49)];
        foreach (var (at, value) in faults)
        {
            var bent = bytes.ToArray();
            bent[at] = value;
            Should.Throw<WireException>(() => HashRequest.Parse(bent));
        }

        Should.Throw<WireException>(() => HashRequest.ParseAnswer([.. bytes, 1], out _));
        Should.Throw<WireException>(() => HashRequest.ParseAnswer([.. bytes, .. new byte[32 * 522]], out _));
    }

    private static string Written(MetadataMessage message)
    {
        var output = new ArrayBufferWriter<byte>();
        message.WriteTo(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}

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
    [InlineData("x")]
    public void Malformed_metadata_messages_are_refused(string text) =>
        Should.Throw<WireException>(() => MetadataMessage.Parse(Encoding.UTF8.GetBytes(text), out _));

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

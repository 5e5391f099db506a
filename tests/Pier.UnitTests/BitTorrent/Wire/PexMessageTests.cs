using System.Buffers;
using System.Net;
using System.Text;
using Pier.BitTorrent.Wire;
using Pier.UnitTests.BitTorrent.Fuzzing;

namespace Pier.UnitTests.BitTorrent.Wire;

/// <summary>ut_pex by its bytes (BEP 11).</summary>
public sealed class PexMessageTests
{
    private static readonly IPEndPoint V4 = new(IPAddress.Parse("97.98.99.100"), 0x4142);
    private static readonly IPEndPoint V6 = new(IPAddress.Parse("2a00::61"), 0x4142);

    [Fact]
    public void The_message_is_written_with_its_keys_in_order_and_read_back()
    {
        var message = new PexMessage([new PexPeer(V4, PexFlags.IsSeed | PexFlags.IsReachable), new PexPeer(V6, PexFlags.None)], [new IPEndPoint(V4.Address, 0x4344)]);
        var bytes = Write(message);

        Encoding.Latin1.GetString(bytes).ShouldBe(
            "d5:added6:abcdAB7:added.f1:\u00126:added618:*\0\0\0\0\0\0\0\0\0\0\0\0\0\0aAB8:added6.f1:\u00007:dropped6:abcdCD8:dropped60:e");
        var read = PexMessage.Parse(bytes);
        read.Added.ShouldBe(message.Added);
        read.Dropped.ShouldBe(message.Dropped);
    }

    [Fact]
    public void Flags_stay_with_their_peers_when_others_cannot_be_reached()
    {
        var read = PexMessage.Parse("d5:added12:\0\0\0\0ABabcdAB7:added.f2:\u0001\u0002e"u8);
        read.Added.ShouldBe([new PexPeer(V4, PexFlags.IsSeed)]);
    }

    [Fact]
    public void An_IPv4_address_in_the_form_of_IPv6_is_the_IPv4_address() =>
        PexMessage.Parse([.. "d6:added618:"u8, .. V4.Address.MapToIPv6().GetAddressBytes(), .. "ABe"u8]).Added.ShouldBe([new PexPeer(V4, PexFlags.None)]);

    [Fact]
    public void Missing_flags_and_unknown_keys_are_fine_and_what_is_beyond_fifty_is_not_read()
    {
        var run = string.Concat(Enumerable.Repeat("abcdAB", 60));
        PexMessage.Parse(Encoding.Latin1.GetBytes($"d5:added360:{run}3:newi1ee")).Added.Count.ShouldBe(50);
    }

    [Theory]
    [InlineData("")]
    [InlineData("le")]
    [InlineData("d5:addedi1ee")]
    [InlineData("d5:added5:abcdee")]
    [InlineData("d8:dropped617:0123456789abcdefge")]
    public void What_is_no_exchange_is_refused(string bytes) =>
        Should.Throw<WireException>(() => PexMessage.Parse(Encoding.Latin1.GetBytes(bytes)));

    [Fact]
    public void Bent_messages_throw_nothing_but_WireException()
    {
        var mutator = new BencodeMutator(3);
        var seed = Write(new PexMessage([new PexPeer(V4, PexFlags.IsSeed), new PexPeer(V6, PexFlags.None)], [V4]));
        for (var round = 0; round < 10_000; round++)
        {
            try
            {
                PexMessage.Parse(mutator.Mutate(seed)).Added.Count.ShouldBeLessThanOrEqualTo(100);
            }
            catch (WireException)
            {
                // As it should.
            }
        }
    }

    private static byte[] Write(PexMessage message)
    {
        var output = new ArrayBufferWriter<byte>();
        message.WriteTo(output);
        return output.WrittenSpan.ToArray();
    }
}

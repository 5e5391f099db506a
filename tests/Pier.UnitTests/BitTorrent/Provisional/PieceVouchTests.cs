using System.Security.Cryptography;
using System.Text;
using Pier.BitTorrent.Provisional;
using Pier.BitTorrent.Wire;

namespace Pier.UnitTests.BitTorrent.Provisional;

/// <summary>The words by which the holder of a turn vouches for a piece (design §4).</summary>
public sealed class PieceVouchTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(number => (byte)number)];
    private static readonly byte[] Hash = SHA256.HashData("piece"u8);

    [Fact]
    public void A_vouch_is_written_in_the_frozen_form()
    {
        var mac = HMACSHA256.HashData(Key, (byte[])[0, 0, 1, 2, .. Hash])[..16];

        PieceVouch.Sign(258, Hash, Key).Write().ToArray()
            .ShouldBe([.. "d5:indexi258e3:mac16:"u8, .. mac, .. "6:sha25632:"u8, .. Hash, .. "e"u8]);
    }

    [Fact]
    public void What_was_signed_is_believed_and_nothing_else()
    {
        var vouch = PieceVouch.Parse(PieceVouch.Sign(7, Hash, Key).Write().Span);

        vouch.IsSignedWith(Key).ShouldBeTrue();
        vouch.IsSignedWith(new byte[32]).ShouldBeFalse();
        (vouch with { Index = 8 }).IsSignedWith(Key).ShouldBeFalse();
        (vouch with { Sha256 = SHA256.HashData("other"u8) }).IsSignedWith(Key).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("le")]
    [InlineData("d5:indexi-1ee")]
    [InlineData("d5:indexi1e3:mac1:x6:sha2561:xe")]
    [InlineData("d5:indexi99999999999ee")]
    public void What_is_no_vouch_is_refused(string body) =>
        Should.Throw<WireException>(() => PieceVouch.Parse(Encoding.ASCII.GetBytes(body)));

    [Fact]
    public void Torn_and_turned_bytes_never_break_the_reader()
    {
        var whole = PieceVouch.Sign(7, Hash, Key).Write().ToArray();
        var random = new Random(3);
        for (var round = 0; round < 5000; round++)
        {
            var bytes = whole[..random.Next(whole.Length + 1)];
            if (bytes.Length > 0)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                PieceVouch.Parse(bytes);
            }
            catch (WireException)
            {
                // The only way to refuse.
            }
        }
    }
}

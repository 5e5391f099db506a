using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Wire;

namespace Pier.UnitTests.BitTorrent.Pieces;

/// <summary>Sets of pieces and their form on the wire.</summary>
public sealed class BitfieldTests
{
    [Theory]
    [InlineData(1, "80")]
    [InlineData(8, "81")]
    [InlineData(9, "8180")]
    [InlineData(70, "800000000000000004")]
    public void The_high_bit_of_the_first_byte_is_piece_0(int length, string hex)
    {
        var field = new Bitfield(length);
        field.Add(0).ShouldBeTrue();
        field.Add(0).ShouldBeFalse();
        field.Add(Math.Min(7, length - 1));
        field.Add(length - 1);
        if (length == 70)
        {
            field.Remove(7).ShouldBeTrue();
        }

        var bytes = new byte[field.ByteLength];
        field.CopyTo(bytes);
        Convert.ToHexStringLower(bytes).ShouldBe(hex);
        var read = Bitfield.Parse(bytes, length);
        read.Count.ShouldBe(field.Count);
        Enumerable.Range(0, length).ShouldAllBe(piece => read[piece] == field[piece]);
    }

    [Theory]
    [InlineData(9, "80")]
    [InlineData(9, "808080")]
    [InlineData(9, "8001")]
    [InlineData(1, "c0")]
    public void Other_lengths_and_spare_bits_are_refused(int length, string hex) =>
        Should.Throw<WireException>(() => Bitfield.Parse(Convert.FromHexString(hex), length));

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    public void Fills_to_its_length_and_no_further(int length)
    {
        var field = new Bitfield(length);
        field.Fill();
        field.IsFull.ShouldBeTrue();
        field.CountIn(field).ShouldBe(length);
        field.CountIn(new Bitfield(length)).ShouldBe(0);
        field.IsWithin(new Bitfield(length)).ShouldBeFalse();
        new Bitfield(length).IsWithin(field).ShouldBeTrue();
        var bytes = new byte[field.ByteLength];
        field.CopyTo(bytes);
        Bitfield.Parse(bytes, length).IsFull.ShouldBeTrue();
    }
}

using Pier.BitTorrent.Encryption;

namespace Pier.UnitTests.BitTorrent.Encryption;

/// <summary>RC4 against RFC 6229's key streams from offset 1024, where message stream encryption begins.</summary>
public sealed class Rc4Tests
{
    [Theory]
    [InlineData("0102030405", "30abbcc7c20b01609f23ee2d5f6bb7df")]
    [InlineData("0102030405060708090a0b0c0d0e0f10", "bdf0324e6083dcc6d3cedd3ca8c53c16")]
    public void The_key_stream_begins_at_byte_1024(string key, string stream)
    {
        var zeros = new byte[16];
        new Rc4(Convert.FromHexString(key)).Apply(zeros, zeros);
        Convert.ToHexStringLower(zeros).ShouldBe(stream);
    }

    [Fact]
    public void What_is_encrypted_in_one_way_of_cutting_is_decrypted_in_another()
    {
        var bytes = new byte[1000];
        new Random(7).NextBytes(bytes);
        var (one, other) = (new Rc4([1, 2, 3]), new Rc4([1, 2, 3]));
        var encrypted = new byte[1000];
        one.Apply(bytes, encrypted);
        encrypted.ShouldNotBe(bytes);
        for (var offset = 0; offset < 1000; offset += 7)
        {
            var part = encrypted.AsSpan(offset, Math.Min(7, 1000 - offset));
            other.Apply(part, part);
        }

        encrypted.ShouldBe(bytes);
    }
}

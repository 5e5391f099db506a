using Pier.BitTorrent.Bencoding;
using static Pier.UnitTests.BitTorrent.BencodeText;

namespace Pier.UnitTests.BitTorrent.Bencoding;

public sealed class BencodeReaderTests
{
    [Theory]
    [InlineData("i0e", 0)]
    [InlineData("i42e", 42)]
    [InlineData("i-7e", -7)]
    [InlineData("i9223372036854775807e", long.MaxValue)]
    [InlineData("i-9223372036854775808e", long.MinValue)]
    public void Reads_integers(string data, long expected)
    {
        var reader = new BencodeReader(Bytes(data));
        reader.ReadInteger().ShouldBe(expected);
        reader.ReadEnd();
    }

    [Theory]
    [InlineData("ie", "has no digits", 1)]
    [InlineData("i-e", "has no digits", 2)]
    [InlineData("i-0e", "negative zero", 0)]
    [InlineData("i00e", "leading zero", 0)]
    [InlineData("i-01e", "leading zero", 0)]
    [InlineData("i+1e", "has no digits", 1)]
    [InlineData("i1", "ends too early", 2)]
    [InlineData("i1x", "does not end with 'e'", 2)]
    [InlineData("i9223372036854775808e", "does not fit in 64 bits", 0)]
    [InlineData("i-9223372036854775809e", "does not fit in 64 bits", 0)]
    [InlineData("i99999999999999999999e", "too many digits", 0)]
    [InlineData("", "ends too early", 0)]
    [InlineData("1:a", "expected an integer, found a string", 0)]
    [InlineData("le", "expected an integer, found a list", 0)]
    [InlineData("de", "expected an integer, found a dictionary", 0)]
    [InlineData("e", "a container ends", 0)]
    [InlineData("x", "no value starts with byte 0x78", 0)]
    public void Refuses_what_is_no_integer(string data, string problem, int offset)
    {
        var error = Should.Throw<BencodeException>(() => new BencodeReader(Bytes(data)).ReadInteger());
        error.Message.ShouldContain(problem);
        error.Offset.ShouldBe(offset);
    }

    [Theory]
    [InlineData("0:", "")]
    [InlineData("4:spam", "spam")]
    [InlineData("3:\0\u00ff:", "\0\u00ff:")]
    public void Reads_byte_strings(string data, string expected)
    {
        var reader = new BencodeReader(Bytes(data));
        Text(reader.ReadBytes()).ShouldBe(expected);
        reader.ReadEnd();
    }

    [Theory]
    [InlineData("5:spam", "longer than the 4 that are left", 0)]
    [InlineData("9999999999999999999:", "longer than", 0)]
    [InlineData("99999999999999999999:", "too many digits", 0)]
    [InlineData("04:spam", "leading zero", 0)]
    [InlineData("4spam", "does not end with ':'", 1)]
    [InlineData("4", "ends too early", 1)]
    [InlineData("i1e", "expected a string, found an integer", 0)]
    public void Refuses_what_is_no_byte_string(string data, string problem, int offset)
    {
        var error = Should.Throw<BencodeException>(() => new BencodeReader(Bytes(data)).ReadBytes().Length);
        error.Message.ShouldContain(problem);
        error.Offset.ShouldBe(offset);
    }

    [Fact]
    public void Walks_containers()
    {
        var reader = new BencodeReader(Bytes("d4:listli1e3:twolee3:onei1ee"), BencodeKeyOrder.Tolerant);
        reader.EnterDictionary();
        reader.TryReadKey(out var key).ShouldBeTrue();
        Text(key).ShouldBe("list");
        reader.EnterList();
        reader.NextItem().ShouldBeTrue();
        reader.ReadInteger().ShouldBe(1);
        reader.NextItem().ShouldBeTrue();
        Text(reader.ReadBytes()).ShouldBe("two");
        reader.NextItem().ShouldBeTrue();
        Text(reader.ReadRaw()).ShouldBe("le");
        reader.NextItem().ShouldBeFalse();
        reader.TryReadKey(out key).ShouldBeTrue();
        Text(key).ShouldBe("one");
        reader.Skip();
        reader.TryReadKey(out _).ShouldBeFalse();
        reader.KeysInOrder.ShouldBeTrue();
        reader.ReadEnd();
    }

    [Fact]
    public void Gives_the_original_bytes_of_a_value()
    {
        var data = Bytes("d4:infod1:ai1e1:bl1:xdeee5:otheri0ee");
        var reader = new BencodeReader(data);
        reader.EnterDictionary();
        reader.TryReadKey(out _).ShouldBeTrue();
        Text(reader.ReadRaw()).ShouldBe("d1:ai1e1:bl1:xdeee");
        reader.Position.ShouldBe(25);
    }

    [Theory]
    [InlineData("d1:bi1e1:ai2ee", "not in ascending order", 7)]
    [InlineData("d1:ai1e1:ai2ee", "repeats a key", 7)]
    [InlineData("d2:aai1e1:ai2ee", "not in ascending order", 8)]
    [InlineData("di1ei2ee", "expected a string", 1)]
    [InlineData("d1:ae", "a container ends where a value was expected", 4)]
    [InlineData("d1:ai1e", "ends too early", 7)]
    [InlineData("l", "ends too early", 1)]
    [InlineData("lx", "no value starts", 1)]
    public void Refuses_malformed_containers(string data, string problem, int offset)
    {
        var error = Should.Throw<BencodeException>(() => new BencodeReader(Bytes(data)).Skip());
        error.Message.ShouldContain(problem);
        error.Offset.ShouldBe(offset);
    }

    [Fact]
    public void Tolerates_disorder_only_when_asked_and_says_so()
    {
        var reader = new BencodeReader(Bytes("d1:bi1e1:ai2ee"), BencodeKeyOrder.Tolerant);
        reader.Skip();
        reader.KeysInOrder.ShouldBeFalse();
        Should.Throw<BencodeException>(() => new BencodeReader(Bytes("d1:ai1e1:ai2ee"), BencodeKeyOrder.Tolerant).Skip());
    }

    [Fact]
    public void Keys_are_compared_within_their_own_dictionary()
    {
        var reader = new BencodeReader(Bytes("d1:ad1:zi1ee1:bd1:ai1eee"));
        reader.Skip();
        reader.ReadEnd();
    }

    [Fact]
    public void Refuses_depth_beyond_the_bound()
    {
        static string Nested(int depth) => new string('l', depth) + new string('e', depth);
        new BencodeReader(Bytes(Nested(BencodeReader.MaxDepth))).Skip();
        Should.Throw<BencodeException>(() => new BencodeReader(Bytes(Nested(BencodeReader.MaxDepth + 1))).Skip())
            .Message.ShouldContain("containers within each other");
        Should.Throw<BencodeException>(() => new BencodeReader(Bytes(new string('d', 1_000_000))).Skip());
    }

    [Fact]
    public void Refuses_bytes_after_the_value()
    {
        var error = Should.Throw<BencodeException>(() =>
        {
            var reader = new BencodeReader(Bytes("i1ei2e"));
            reader.ReadInteger();
            reader.ReadEnd();
        });
        error.Message.ShouldContain("3 bytes follow");
    }
}

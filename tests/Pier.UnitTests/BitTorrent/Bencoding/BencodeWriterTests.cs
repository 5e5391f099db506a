using System.Buffers;
using Pier.BitTorrent.Bencoding;
using static Pier.UnitTests.BitTorrent.BencodeText;

namespace Pier.UnitTests.BitTorrent.Bencoding;

public sealed class BencodeWriterTests
{
    [Fact]
    public void Writes_exact_bytes()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new BencodeWriter(buffer);
        writer.WriteDictionaryStart();
        writer.WriteBytes("bytes"u8, [0, 255]);
        writer.WriteInteger("int"u8, -3);
        writer.WriteKey("list"u8);
        writer.WriteListStart();
        writer.WriteInteger(long.MinValue);
        writer.WriteBytes("x"u8);
        writer.WriteRaw("de"u8);
        writer.WriteEnd();
        writer.WriteText("text"u8, "é");
        writer.WriteEnd();

        Text(buffer.WrittenSpan).ShouldBe("d5:bytes2:\0\u00ff3:inti-3e4:listli-9223372036854775808e1:xdee4:text2:\u00c3\u00a9e");
        var reader = new BencodeReader(buffer.WrittenSpan);
        reader.Skip();
        reader.ReadEnd();
    }
}

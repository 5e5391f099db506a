using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Torrents;

namespace Pier.UnitTests.BitTorrent.Storage;

/// <summary>The record of what is on disk: its bytes, and what is not believed.</summary>
public sealed class ResumeRecordTests
{
    private static readonly InfoHash Torrent = InfoHash.Parse("0123456789abcdef0123456789abcdef01234567");
    private static readonly ResumeRecord Record = new(Torrent, 10, [0b1010_0000, 0b0100_0000], [5, 0]);

    [Fact]
    public void Its_bytes_do_not_change() => Convert.ToHexStringLower(Record.ToBytes()[..^32]).ShouldBe(
        "50494552524553310123456789abcdef0123456789abcdef012345670000000a00000002a04000000000000000050000000000000000");

    [Fact]
    public void It_is_read_as_it_was_written()
    {
        var read = ResumeRecord.Parse(Record.ToBytes(), Torrent, pieces: 10, files: 2)!;

        Enumerable.Range(0, 10).Where(read.Has).ShouldBe([0, 2, 9]);
        read.Modified.ShouldBe([5, 0]);
    }

    [Fact]
    public void What_is_torn_or_changed_is_not_believed()
    {
        var bytes = Record.ToBytes();
        for (var length = 0; length < bytes.Length; length++)
        {
            ResumeRecord.Parse(bytes.AsSpan(0, length), Torrent, 10, 2).ShouldBeNull();
        }

        for (var index = 0; index < bytes.Length; index++)
        {
            var changed = bytes.ToArray();
            changed[index] ^= 1;
            ResumeRecord.Parse(changed, Torrent, 10, 2).ShouldBeNull();
        }
    }

    [Fact]
    public void That_of_another_torrent_is_not_believed()
    {
        var bytes = Record.ToBytes();
        ResumeRecord.Parse(bytes, default, 10, 2).ShouldBeNull();
        ResumeRecord.Parse(bytes, Torrent, 11, 2).ShouldBeNull();
        ResumeRecord.Parse(bytes, Torrent, 10, 1).ShouldBeNull();
    }
}

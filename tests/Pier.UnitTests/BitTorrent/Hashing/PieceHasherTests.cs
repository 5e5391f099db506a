using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Torrents;
using Pier.TestKit.Files;

namespace Pier.UnitTests.BitTorrent.Hashing;

public sealed class PieceHasherTests
{
    [Theory]
    [InlineData(TorrentFormat.V1, PieceCheck.Cheapest)]
    [InlineData(TorrentFormat.V2, PieceCheck.Cheapest)]
    [InlineData(TorrentFormat.V2, PieceCheck.V2)]
    [InlineData(TorrentFormat.Hybrid, PieceCheck.Cheapest)]
    [InlineData(TorrentFormat.Hybrid, PieceCheck.V2)]
    [InlineData(TorrentFormat.Hybrid, PieceCheck.Both)]
    public async Task Accepts_true_pieces_and_no_others(TorrentFormat format, PieceCheck check)
    {
        var (metainfo, space) = await MakeAsync(format);
        using var hasher = new PieceHasher(metainfo, check);
        for (var piece = 0; piece < metainfo.PieceCount; piece++)
        {
            var bytes = space.AsSpan((int)metainfo.Layout.PieceOffset(piece), metainfo.Layout.PieceSize(piece)).ToArray();
            hasher.Matches(piece, bytes).ShouldBeTrue($"piece {piece} whole");

            hasher.Begin(piece);
            for (var offset = 0; offset < bytes.Length; offset += 5_001)
            {
                hasher.Append(bytes.AsSpan(offset, Math.Min(5_001, bytes.Length - offset)));
            }

            hasher.Matches().ShouldBeTrue($"piece {piece} in portions");

            bytes[0] ^= 1;
            hasher.Matches(piece, bytes).ShouldBeFalse($"piece {piece} with a flipped bit");
            hasher.Matches(piece, bytes.AsSpan(1)).ShouldBeFalse("a byte short");

            hasher.Begin(piece);
            hasher.Append(bytes.AsSpan(0, bytes.Length / 2));
            hasher.Matches().ShouldBeFalse("half a piece");
        }
    }

    [Fact]
    public async Task A_false_padding_byte_is_seen_by_v1_alone()
    {
        var (metainfo, space) = await MakeAsync(TorrentFormat.Hybrid);
        var padded = metainfo.Files.First(file => file.IsPadding);
        var piece = (int)(padded.Offset / metainfo.PieceLength);
        var bytes = space.AsSpan((int)metainfo.Layout.PieceOffset(piece), metainfo.PieceLength).ToArray();
        bytes[^1] = 1;
        using var v1 = new PieceHasher(metainfo, PieceCheck.V1);
        using var v2 = new PieceHasher(metainfo, PieceCheck.V2);
        v1.Matches(piece, bytes).ShouldBeFalse();
        v2.Matches(piece, bytes).ShouldBeTrue();
    }

    [Fact]
    public async Task Misuse_is_an_error()
    {
        var (v1, space) = await MakeAsync(TorrentFormat.V1);
        Should.Throw<ArgumentException>(() => new PieceHasher(v1, PieceCheck.V2));
        Should.Throw<ArgumentException>(() => new PieceHasher(v1, PieceCheck.Both));
        using var hasher = new PieceHasher(v1);
        Should.Throw<InvalidOperationException>(() => hasher.Append([1]));
        Should.Throw<InvalidOperationException>(() => hasher.Matches());
        hasher.Begin(0);
        Should.Throw<InvalidOperationException>(() => hasher.Append(space.AsSpan(0, v1.PieceLength + 1)));
        Should.Throw<ArgumentOutOfRangeException>(() => hasher.Begin(v1.PieceCount));
    }

    [Fact]
    public async Task Without_piece_layers_only_small_files_can_be_checked_until_a_peer_brings_them()
    {
        var (whole, space) = await MakeAsync(TorrentFormat.V2);
        var bare = Metainfo.ParseInfo(whole.Info, MetainfoEnvelope.Empty, MetainfoLimits.Default);
        bare.PieceLayer(0).IsEmpty.ShouldBeTrue();
        using (var hasher = new PieceHasher(bare))
        {
            Should.Throw<InvalidOperationException>(() => hasher.Matches(0, space.AsSpan(0, bare.PieceLength)))
                .Message.ShouldContain("not known yet");
        }

        Should.Throw<MetainfoException>(() => bare.WithPieceLayer(0, new byte[whole.PieceLayer(0).Length]));
        using var complete = new PieceHasher(bare.WithPieceLayer(0, whole.PieceLayer(0)));
        complete.Matches(0, space.AsSpan(0, bare.PieceLength)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(PieceCheck.V1)]
    [InlineData(PieceCheck.V2)]
    public async Task Checking_pieces_allocates_nothing(PieceCheck check)
    {
        var (metainfo, space) = await MakeAsync(TorrentFormat.Hybrid);
        using var hasher = new PieceHasher(metainfo, check);
        hasher.Matches(0, space.AsSpan(0, metainfo.PieceLength)).ShouldBeTrue();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 100; round++)
        {
            hasher.Matches(0, space.AsSpan(0, metainfo.PieceLength));
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static async Task<(Metainfo Metainfo, byte[] Space)> MakeAsync(TorrentFormat format)
    {
        await using var folder = TempFolder.Create();
        folder.MakeFolder("tree");
        byte[][] contents = [TestPattern.Bytes(100_000), TestPattern.Bytes(32_768), TestPattern.Bytes(20_000), [7]];
        for (var index = 0; index < contents.Length; index++)
        {
            await File.WriteAllBytesAsync(folder.Below("tree", $"{index}"), contents[index]);
        }

        var options = new TorrentCreationOptions { Format = format, PieceLength = 32_768 };
        var metainfo = await TorrentBuilder.CreateAsync(folder.Below("tree"), options, progress: null, TestContext.Current.CancellationToken);
        var space = new byte[metainfo.Layout.SpaceLength];
        foreach (var file in metainfo.Files.Where(file => !file.IsPadding))
        {
            contents[int.Parse(file.Path[0])].CopyTo(space, file.Offset);
        }

        return (metainfo, space);
    }
}

using System.Security.Cryptography;
using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Torrents;
using Pier.TestKit.Files;

namespace Pier.UnitTests.BitTorrent.Blobs;

/// <summary>Freezes the blob torrent. The values were computed once by libtorrent 2.0.8 from the same bytes.</summary>
public sealed class BlobTorrentTests
{
    private const string GoldenInfo =
        "64393a66696c6520747265656436343a6532636138356430626637613231633138303430363238633233346233636338356664393339333739616561"
        + "356562633631653633303665626463626136396564303a64363a6c656e677468693330303030306531313a70696563657320726f6f7433323a1c608a"
        + "350cc63b6b40bae54801dc11306ed874d97920373b5b468799e856ad99656565363a6c656e677468693330303030306531323a6d6574612076657273"
        + "696f6e693265343a6e616d6536343a653263613835643062663761323163313830343036323863323334623363633835666439333933373961656135"
        + "6562633631653633303665626463626136396531323a7069656365206c656e6774686932363231343465363a70696563657334303aefc2a416de24f5"
        + "4f04c132a37c4eaa8de46f6b3f6839f3f47622a19761bbdd0d96f7617a7dd73d8965";

    [Theory]
    [InlineData(1, "fd543c0e2299b7fc2fc390365bbc027ba567ecce", "9b113a91a60de255d9a271a390eb009f7928447694d67098e5aa90b55d84df7b")]
    [InlineData(16384, "62eedcae439c8ba20da143c9a9de4ac39afcadaa", "af1fcdcec8600066085408acead6e57465f40cfcf9951dcd2386721fdff58521")]
    [InlineData(16385, "eb40bc8f6404b9fdceb3404bb0a0a0c2df439290", "621c7189ebd122116f0a9bf680ea35d72ad1741cea8b478c4c3330db556c6224")]
    [InlineData(262144, "491c301f0f8ba60da3484cae52b1eb38f35ae42f", "2778fb0a1bb6e796d39624f61fb3eaacf264a8efd74300caf5130f1ef588c5b4")]
    [InlineData(262145, "41e4d888e06ee39c655d70b1dc18818629e95cb3", "2faf696cc71aeaf375559b6c046de678b82bc7f4880538dd1f393520d398e5df")]
    [InlineData(300000, "6541ac1238dcdfac3a7af38be94b1d0dcdd79d65", "6ca07b68698261cdd06be67dd1b81c529a59684446ea8dd6304d1e8e204cd816")]
    [InlineData(1000000, "200e6a4c7ba4e4f440c187ae36952d88483df4bd", "1d5a4cb46e1795a7b5ca08fe0fee03fee5dee6db49fd9cc3c2f8e20f492b1cb6")]
    [InlineData(67108865, "e0ddab29590a7a2d3ec2da25c1e9528bf98a13e2", "bda3540393a4edae2a69be92805814cd9e5dc63e716200322f33add318c273e6")]
    public async Task Info_hashes_are_those_that_libtorrent_computes(int size, string v1, string v2)
    {
        var data = TestPattern.Bytes(size);
        var digest = Convert.ToHexStringLower(SHA256.HashData(data));
        var streamed = Stream(data, digest, portion: 100_003);
        streamed.Id.V1.ToString().ShouldBe(v1);
        streamed.Id.V2.ToString().ShouldBe(v2);

        await using var folder = TempFolder.Create();
        await File.WriteAllBytesAsync(folder.Below("blob"), data, TestContext.Current.CancellationToken);
        using var file = File.OpenHandle(folder.Below("blob"));
        var parallel = await BlobTorrentFileHasher.HashAsync(file, size, digest, workers: 2, TestContext.Current.CancellationToken);
        parallel.Id.ShouldBe(streamed.Id);
        parallel.ToTorrentFile().ShouldBe(streamed.ToTorrentFile());
        BlobTorrent.Problem(Metainfo.Parse(parallel.ToTorrentFile()), digest, size).ShouldBeNull();

        var arriving = new BlobTorrentPieces(size);
        for (var piece = arriving.Count - 1; piece >= 0; piece -= 2)
        {
            arriving.TryHash(piece, (offset, buffer) => Copy(data, offset, buffer), TestContext.Current.CancellationToken).ShouldBeTrue();
        }

        (await BlobTorrentFileHasher.HashAsync(file, size, digest, workers: 1, TestContext.Current.CancellationToken, arriving)).Id.ShouldBe(streamed.Id);
    }

    [Fact]
    public void A_piece_that_is_not_all_there_is_not_hashed_and_spoils_nothing()
    {
        var data = TestPattern.Bytes(600_000);
        var digest = Convert.ToHexStringLower(SHA256.HashData(data));
        var arriving = new BlobTorrentPieces(data.Length);
        arriving.TryHash(1, (offset, buffer) => offset < 400_000 ? Copy(data, offset, buffer[..Math.Min(buffer.Length, 1000)]) : 0, TestContext.Current.CancellationToken).ShouldBeFalse();
        Should.Throw<InvalidOperationException>(() => arriving.Complete(digest));

        for (var piece = 0; piece < arriving.Count; piece++)
        {
            arriving.TryHash(piece, (offset, buffer) => Copy(data, offset, buffer[..Math.Min(buffer.Length, 1000)]), TestContext.Current.CancellationToken).ShouldBeTrue();
        }

        arriving.Complete(digest).Id.ShouldBe(Stream(data, digest, portion: 300_000).Id);
    }

    private static int Copy(byte[] data, long offset, Span<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, data.Length - offset);
        data.AsSpan((int)offset, count).CopyTo(buffer);
        return count;
    }

    [Fact]
    public void The_info_dictionary_is_frozen_to_the_byte()
    {
        var data = TestPattern.Bytes(300_000);
        var digest = Convert.ToHexStringLower(SHA256.HashData(data));
        Convert.ToHexStringLower(Stream(data, digest, portion: 300_000).Info.Span).ShouldBe(GoldenInfo);
    }

    [Fact]
    public void The_v1_twin_has_the_same_pieces_and_is_frozen_too()
    {
        var data = TestPattern.Bytes(300_000);
        var hybrid = Stream(data, Convert.ToHexStringLower(SHA256.HashData(data)), portion: 300_000);
        var twin = V1Twin.Of(hybrid)!;
        twin.HasV2.ShouldBeFalse();
        twin.V1PieceHashes.ToArray().ShouldBe(hybrid.V1PieceHashes.ToArray());
        twin.Name.ShouldBe(hybrid.Name);
        twin.Id.V1.ToString().ShouldBe("ef454447f6fb96063585e1d46ac797f83e8c03ff");
    }

    [Theory]
    [InlineData(1, 256 << 10)]
    [InlineData(64L << 20, 256 << 10)]
    [InlineData((64L << 20) + 1, 1 << 20)]
    [InlineData(1L << 30, 1 << 20)]
    [InlineData((1L << 30) + 1, 4 << 20)]
    [InlineData(16L << 30, 4 << 20)]
    [InlineData((16L << 30) + 1, 16 << 20)]
    [InlineData(long.MaxValue, 16 << 20)]
    public void The_ladder_of_piece_lengths_is_frozen(long size, int expected) =>
        BlobTorrent.PieceLengthFor(size).ShouldBe(expected);

    [Fact]
    public void The_empty_blob_has_no_torrent() =>
        Should.Throw<ArgumentOutOfRangeException>(() => BlobTorrent.PieceLengthFor(0));

    [Fact]
    public void Bytes_beyond_or_below_the_announced_size_are_refused()
    {
        using var hasher = new BlobTorrentHasher(10);
        hasher.Append(new byte[9]);
        Should.Throw<InvalidOperationException>(() => hasher.Append(new byte[2]));
        Should.Throw<InvalidOperationException>(() => hasher.Complete(new string('a', 64)));
    }

    [Theory]
    [InlineData("short")]
    [InlineData("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    public void A_digest_in_another_form_is_refused(string digest)
    {
        using var hasher = new BlobTorrentHasher(1);
        hasher.Append([1]);
        Should.Throw<ArgumentException>(() => hasher.Complete(digest));
    }

    [Fact]
    public async Task A_file_that_is_too_short_is_refused()
    {
        await using var folder = TempFolder.Create();
        await File.WriteAllBytesAsync(folder.Below("blob"), new byte[10], TestContext.Current.CancellationToken);
        using var file = File.OpenHandle(folder.Below("blob"));
        await Should.ThrowAsync<EndOfStreamException>(() =>
            BlobTorrentFileHasher.HashAsync(file, 11, new string('a', 64), workers: 1, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_torrent_that_differs_in_anything_is_not_the_blobs()
    {
        var digest = new string('a', 64);
        var real = Stream(TestPattern.Bytes(300_000), digest, portion: 4096);
        BlobTorrent.Problem(real, digest, 300_000).ShouldBeNull();
        BlobTorrent.Problem(real, digest, 300_001)!.ShouldContain("300000 bytes");
        BlobTorrent.Problem(real, new string('b', 64), 300_000)!.ShouldContain("is named");

        var info = BencodeText.Text(real.Info.Span);
        var withPrivate = Metainfo.ParseInfo(
            BencodeText.Bytes(info[..^1] + "7:privatei0ee"), MetainfoEnvelope.Empty, MetainfoLimits.Default);
        BlobTorrent.Problem(withPrivate, digest, 300_000)!.ShouldContain("not written as");

        var v1Only = Metainfo.ParseInfo(
            BencodeText.Bytes($"d6:lengthi1e4:name64:{digest}12:piece lengthi262144e6:pieces20:{new string('x', 20)}e"),
            MetainfoEnvelope.Empty,
            MetainfoLimits.Default);
        BlobTorrent.Problem(v1Only, digest, 1)!.ShouldContain("hybrid");
    }

    private static Metainfo Stream(byte[] data, string digest, int portion)
    {
        using var hasher = new BlobTorrentHasher(data.Length);
        for (var offset = 0; offset < data.Length; offset += portion)
        {
            hasher.Append(data.AsSpan(offset, Math.Min(portion, data.Length - offset)));
        }

        return hasher.Complete(digest);
    }
}

using System.Security.Cryptography;
using Pier.BitTorrent.Blobs;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Torrents;

namespace Pier.InteropTests.Torrents;

/// <summary>Torrents that Pier made: other programs read them and compute the same info-hashes.</summary>
public sealed class TorrentsMadeByPierTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("tree", TorrentFormat.V1)]
    [InlineData("tree", TorrentFormat.V2)]
    [InlineData("tree", TorrentFormat.Hybrid)]
    [InlineData("single.iso", TorrentFormat.V1)]
    [InlineData("single.iso", TorrentFormat.V2)]
    [InlineData("single.iso", TorrentFormat.Hybrid)]
    public async Task Others_compute_the_same_info_hashes(string what, TorrentFormat format)
    {
        await using var folder = await SampleTree.CreateAsync();
        var options = new TorrentCreationOptions
        {
            Format = format,
            PieceLength = 32_768,
            Envelope = new MetainfoEnvelope { TrackerTiers = [["http://tracker.example/announce"]], WebSeeds = ["http://seed.example/"], Comment = "ü" },
        };
        var metainfo = await TorrentBuilder.CreateAsync(folder.Below(what), options, progress: null, Cancellation);
        var torrent = folder.Below("made.torrent");
        await File.WriteAllBytesAsync(torrent, metainfo.ToTorrentFile(), Cancellation);

        (await TorrentTools.LibtorrentShowAsync(torrent)).ShouldBe($"{Text(metainfo.Id.V1)} {Text(metainfo.Id.V2)}");

        // The empty key of BEP 52 is too much for both: transmission before 4.0 reads no hybrid, and aria2 drops the key and
        // hashes what is left, libtorrent's own hybrids included.
        if (format == TorrentFormat.V1)
        {
            (await TorrentTools.Aria2ShowAsync(torrent)).ShouldBe(Text(metainfo.Id.V1));
            (await TorrentTools.TransmissionShowAsync(torrent)).ShouldBe(Text(metainfo.Id.V1));
        }
    }

    [Theory]
    [InlineData("tree", "v2")]
    [InlineData("tree", "hybrid")]
    [InlineData("single.iso", "v1")]
    [InlineData("single.iso", "v2")]
    [InlineData("single.iso", "hybrid")]
    public async Task The_same_files_give_the_same_torrent_as_libtorrents(string what, string kind)
    {
        await using var folder = await SampleTree.CreateAsync();
        await TorrentTools.LibtorrentCreateAsync(folder.Below(what), folder.Below("made.torrent"), 32_768, kind);
        var options = new TorrentCreationOptions { Format = Enum.Parse<TorrentFormat>(kind, ignoreCase: true), PieceLength = 32_768 };
        var metainfo = await TorrentBuilder.CreateAsync(folder.Below(what), options, progress: null, Cancellation);
        (await TorrentTools.LibtorrentShowAsync(folder.Below("made.torrent"))).ShouldBe($"{Text(metainfo.Id.V1)} {Text(metainfo.Id.V2)}");
    }

    [Fact]
    public async Task A_blobs_torrent_and_its_twin_are_read_by_others()
    {
        await using var folder = await SampleTree.CreateAsync();
        var data = await File.ReadAllBytesAsync(folder.Below("single.iso"), Cancellation);
        using var hasher = new BlobTorrentHasher(data.Length);
        hasher.Append(data);
        var hybrid = hasher.Complete(Convert.ToHexStringLower(SHA256.HashData(data)));
        var twin = V1Twin.Of(hybrid)!;
        await File.WriteAllBytesAsync(folder.Below("hybrid.torrent"), hybrid.ToTorrentFile(), Cancellation);
        await File.WriteAllBytesAsync(folder.Below("twin.torrent"), twin.ToTorrentFile(), Cancellation);

        (await TorrentTools.LibtorrentShowAsync(folder.Below("hybrid.torrent"))).ShouldBe($"{hybrid.Id.V1} {hybrid.Id.V2}");
        (await TorrentTools.Aria2ShowAsync(folder.Below("twin.torrent"))).ShouldBe(Text(twin.Id.V1));
        (await TorrentTools.TransmissionShowAsync(folder.Below("twin.torrent"))).ShouldBe(Text(twin.Id.V1));
    }

    private static string Text<T>(T? hash)
        where T : struct => hash?.ToString() ?? "-";
}

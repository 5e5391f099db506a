using Pier.BitTorrent.Hashing;
using Pier.BitTorrent.Torrents;
using Pier.TestKit.Files;

namespace Pier.InteropTests.Torrents;

/// <summary>Torrents that other programs made: Pier reads them and agrees about info-hashes, files and every piece.</summary>
public sealed class TorrentsMadeByOthersTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("tree")]
    [InlineData("single.iso")]
    public async Task Mktorrents_torrent_is_read(string what)
    {
        await using var folder = await SampleTree.CreateAsync();
        await TorrentTools.MktorrentAsync(folder.Below(what), folder.Below("made.torrent"));
        var metainfo = await ReadAsync(folder);
        metainfo.Envelope.Comment.ShouldBe("made by mktorrent");
        await AgreesAsync(metainfo, folder, what);
        metainfo.Id.ToString().ShouldBe(await TorrentTools.Aria2ShowAsync(folder.Below("made.torrent")));
    }

    [Theory]
    [InlineData("tree")]
    [InlineData("single.iso")]
    public async Task Transmissions_torrent_is_read(string what)
    {
        await using var folder = await SampleTree.CreateAsync();
        await TorrentTools.TransmissionCreateAsync(folder.Below(what), folder.Below("made.torrent"));
        var metainfo = await ReadAsync(folder);
        await AgreesAsync(metainfo, folder, what);
        metainfo.Id.ToString().ShouldBe(await TorrentTools.TransmissionShowAsync(folder.Below("made.torrent")));
    }

    [Theory]
    [InlineData("tree", "v1")]
    [InlineData("tree", "v2")]
    [InlineData("tree", "hybrid")]
    [InlineData("single.iso", "v1")]
    [InlineData("single.iso", "v2")]
    [InlineData("single.iso", "hybrid")]
    public async Task Libtorrents_torrent_is_read(string what, string kind)
    {
        await using var folder = await SampleTree.CreateAsync();
        await TorrentTools.LibtorrentCreateAsync(folder.Below(what), folder.Below("made.torrent"), 32_768, kind);
        var metainfo = await ReadAsync(folder);
        (metainfo.HasV1, metainfo.HasV2).ShouldBe((kind != "v2", kind != "v1"));
        metainfo.Envelope.TrackerTiers.ShouldBe([["http://tracker.example/announce"], ["udp://tracker.example:6969"]]);
        metainfo.Envelope.WebSeeds.ShouldBe(["http://seed.example/"]);
        metainfo.Envelope.Comment.ShouldBe("made by libtorrent");
        await AgreesAsync(metainfo, folder, what);
    }

    private static async Task<Metainfo> ReadAsync(TempFolder folder) =>
        Metainfo.Parse(await File.ReadAllBytesAsync(folder.Below("made.torrent"), Cancellation));

    private static async Task AgreesAsync(Metainfo metainfo, TempFolder folder, string what)
    {
        (await TorrentTools.LibtorrentShowAsync(folder.Below("made.torrent"))).ShouldBe($"{Text(metainfo.Id.V1)} {Text(metainfo.Id.V2)}");
        metainfo.Name.ShouldBe(what);
        metainfo.IsSingleFile.ShouldBe(what == "single.iso");

        var space = new byte[metainfo.Layout.SpaceLength];
        foreach (var file in metainfo.Files.Where(file => !file.IsPadding))
        {
            var path = metainfo.IsSingleFile ? folder.Below(what) : folder.Below([what, .. file.Path]);
            (await File.ReadAllBytesAsync(path, Cancellation)).CopyTo(space, file.Offset);
        }

        foreach (var check in new[] { PieceCheck.V1, PieceCheck.V2 }.Where(check => check == PieceCheck.V1 ? metainfo.HasV1 : metainfo.HasV2))
        {
            using var hasher = new PieceHasher(metainfo, check);
            for (var piece = 0; piece < metainfo.PieceCount; piece++)
            {
                var bytes = space.AsSpan((int)metainfo.Layout.PieceOffset(piece), metainfo.Layout.PieceSize(piece));
                hasher.Matches(piece, bytes).ShouldBeTrue($"piece {piece} by {check}");
            }
        }
    }

    private static string Text<T>(T? hash)
        where T : struct => hash?.ToString() ?? "-";
}

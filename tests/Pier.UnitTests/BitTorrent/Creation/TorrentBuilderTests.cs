using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Torrents;
using Pier.TestKit.Files;

namespace Pier.UnitTests.BitTorrent.Creation;

public sealed class TorrentBuilderTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 16 << 10)]
    [InlineData(32L << 20, 16 << 10)]
    [InlineData((32L << 20) + 2048, 32 << 10)]
    [InlineData(1L << 30, 512 << 10)]
    [InlineData(1L << 50, 16 << 20)]
    public void Chooses_about_2048_pieces(long size, int expected) => TorrentBuilder.PieceLengthFor(size).ShouldBe(expected);

    [Theory]
    [InlineData(TorrentFormat.V1)]
    [InlineData(TorrentFormat.V2)]
    [InlineData(TorrentFormat.Hybrid)]
    public async Task The_same_folder_gives_the_same_torrent(TorrentFormat format)
    {
        await using var one = await MakeTreeAsync();
        await using var two = await MakeTreeAsync();
        var options = new TorrentCreationOptions { Format = format, PieceLength = 16_384, Name = "tree", IsPrivate = true };
        var first = await TorrentBuilder.CreateAsync(one.Below("tree"), options, progress: null, Cancellation);
        var second = await TorrentBuilder.CreateAsync(two.Below("tree") + "/", options, progress: null, Cancellation);
        first.ToTorrentFile().ShouldBe(second.ToTorrentFile());
        first.IsPrivate.ShouldBeTrue();

        var again = Metainfo.Parse(first.ToTorrentFile());
        again.Id.ShouldBe(first.Id);
        again.Files.Where(file => !file.IsPadding).Select(file => file.RelativePath)
            .ShouldBe(["a.bin", "b/c/deep", "b/link", "b/x.sh", "empty", "\uffee", "\U0001f600"], "the order is that of the raw bytes");
        again.Files.Single(file => file.RelativePath == "b/x.sh").Attributes.ShouldBe(TorrentFileAttributes.Executable);
        again.Files.Single(file => file.RelativePath == "b/link").SymlinkTarget.ShouldBe(["a.bin"]);
    }

    [Fact]
    public async Task A_single_file_is_no_folder_and_tells_its_progress()
    {
        await using var folder = TempFolder.Create();
        await File.WriteAllBytesAsync(folder.Below("data.bin"), TestPattern.Bytes(3_000_000), Cancellation);
        var progress = new List<TorrentCreationProgress>();
        var metainfo = await TorrentBuilder.CreateAsync(
            folder.Below("data.bin"), new TorrentCreationOptions(), new Recorder(progress), Cancellation);
        metainfo.IsSingleFile.ShouldBeTrue();
        metainfo.Files.ShouldHaveSingleItem().RelativePath.ShouldBe("data.bin");
        progress[^1].ShouldBe(new TorrentCreationProgress(3_000_000, 3_000_000, "data.bin"));
        progress.Count.ShouldBe(3);
    }

    [Fact]
    public async Task What_cannot_go_into_a_torrent_is_named()
    {
        await using var folder = TempFolder.Create();
        var options = new TorrentCreationOptions();
        await Refused(folder.Below("nothing"), options, "no such file or folder");
        folder.MakeFolder("empty");
        await Refused(folder.Below("empty"), options, "no files");
        folder.MakeFolder("links");
        File.CreateSymbolicLink(folder.Below("links", "out"), "../../etc/passwd");
        await Refused(folder.Below("links"), options, "leads out of the folder");
        File.Delete(folder.Below("links", "out"));
        File.CreateSymbolicLink(folder.Below("links", "absolute"), folder.Below("links", "x"));
        await Refused(folder.Below("links"), options, "leads out of the folder");
        folder.MakeFolder("names");
        await File.WriteAllTextAsync(folder.Below("names", "a\\b"), "x", Cancellation);
        await Refused(folder.Below("names"), options, "U+005C");
        await File.WriteAllTextAsync(folder.Below("file"), "x", Cancellation);
        await Refused(folder.Below("file"), options with { PieceLength = 12_345 }, "not a power of two");
        await Refused(folder.Below("file"), options with { PieceLength = 8_192 }, "not a power of two");
        await Refused(folder.Below("file"), options with { Name = "a/b" }, "cannot be a torrent's");

        static async Task Refused(string path, TorrentCreationOptions options, string problem) =>
            (await Should.ThrowAsync<TorrentCreationException>(() => TorrentBuilder.CreateAsync(path, options, progress: null, Cancellation)))
                .Message.ShouldContain(problem);
    }

    [Fact]
    public async Task A_file_that_grows_meanwhile_is_named()
    {
        await using var folder = TempFolder.Create();
        var path = folder.Below("growing");
        await File.WriteAllBytesAsync(path, new byte[1_500_000], Cancellation);
        var grow = new Action(() => File.AppendAllText(path, "more"));
        var error = await Should.ThrowAsync<TorrentCreationException>(() =>
            TorrentBuilder.CreateAsync(path, new TorrentCreationOptions(), new Once(grow), Cancellation));
        error.Message.ShouldContain("its size changed");
        error.Path.ShouldBe(path);
    }

    private static async Task<TempFolder> MakeTreeAsync()
    {
        var folder = TempFolder.Create();
        folder.MakeFolder("tree", "b", "c");
        await File.WriteAllBytesAsync(folder.Below("tree", "a.bin"), TestPattern.Bytes(40_000), Cancellation);
        await File.WriteAllBytesAsync(folder.Below("tree", "empty"), [], Cancellation);
        await File.WriteAllBytesAsync(folder.Below("tree", "b", "x.sh"), "#!/bin/sh\n"u8.ToArray(), Cancellation);
        await File.WriteAllBytesAsync(folder.Below("tree", "b", "c", "deep"), TestPattern.Bytes(16_384), Cancellation);
        await File.WriteAllBytesAsync(folder.Below("tree", "\U0001f600"), [1], Cancellation);
        await File.WriteAllBytesAsync(folder.Below("tree", "\uffee"), [2], Cancellation);
        File.SetUnixFileMode(folder.Below("tree", "b", "x.sh"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.CreateSymbolicLink(folder.Below("tree", "b", "link"), "../a.bin");
        return folder;
    }

    private sealed class Recorder(List<TorrentCreationProgress> reports) : IProgress<TorrentCreationProgress>
    {
        public void Report(TorrentCreationProgress value) => reports.Add(value);
    }

    private sealed class Once(Action action) : IProgress<TorrentCreationProgress>
    {
        private bool _done;

        public void Report(TorrentCreationProgress value)
        {
            if (!_done)
            {
                _done = true;
                action();
            }
        }
    }
}

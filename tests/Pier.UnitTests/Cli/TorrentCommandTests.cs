using System.Text.Json;
using Pier.BitTorrent.Torrents;
using Pier.Cli;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Cli;

/// <summary><c>pier torrent</c>, which needs no daemon.</summary>
public sealed class TorrentCommandTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v1", true, false)]
    [InlineData("v2", false, true)]
    [InlineData("hybrid", true, true)]
    public async Task What_create_writes_show_reads(string format, bool v1, bool v2)
    {
        await using var folder = TempFolder.Create();
        await File.WriteAllBytesAsync(folder.Below("data.bin"), new byte[100_000], Cancel);
        var torrent = folder.Below("data.torrent");

        var created = await CliRun.OfAsync(
            "torrent", "create", folder.Below("data.bin"), "-o", torrent, "--format", format, "--tracker", "http://tracker.example/announce", "--piece-length", "64");
        var shown = await CliRun.OfAsync("torrent", "show", torrent);

        created.ExitCode.ShouldBe(ExitCode.Done, created.Error);
        shown.ExitCode.ShouldBe(ExitCode.Done, shown.Error);
        var metainfo = Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Cancel));
        (metainfo.HasV1, metainfo.HasV2, metainfo.PieceLength).ShouldBe((v1, v2, 64 << 10));
        shown.Output.ShouldContain("size      97.7 KiB (100000 bytes)");
        shown.Output.ShouldContain("tracker   http://tracker.example/announce");
        created.Output.ShouldContain("magnet:?xt=");
    }

    [Theory]
    [InlineData("--v1", false, false)]
    [InlineData("--v2", true, true)]
    [InlineData("--hybrid", true, true)]
    public async Task Show_lists_files_with_indices_roots_and_attributes(string format, bool roots, bool padding)
    {
        await using var folder = TempFolder.Create();
        await File.WriteAllBytesAsync(folder.Below(folder.MakeFolder("tree"), "a.bin"), new byte[100_000], Cancel);
        await File.WriteAllBytesAsync(folder.Below("tree", "run.sh"), [1], Cancel);
        File.SetUnixFileMode(folder.Below("tree", "run.sh"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.CreateSymbolicLink(folder.Below("tree", "z"), "a.bin");
        (await CliRun.OfAsync("torrent", "create", folder.Below("tree"), "-o", folder.Below("t"), format)).ExitCode.ShouldBe(ExitCode.Done);

        var shown = await CliRun.OfAsync("torrent", "show", folder.Below("t"));
        var json = JsonDocument.Parse((await CliRun.OfAsync("torrent", "show", folder.Below("t"), "--json")).Output).RootElement.GetProperty("files");

        shown.Output.ShouldContain("a.bin");
        shown.Output.ShouldContain("x  run.sh");
        shown.Output.ShouldContain("l  z -> a.bin");
        json.GetArrayLength().ShouldBe(3);
        json[0].TryGetProperty("root", out _).ShouldBe(roots);
        json[1].GetProperty("index").GetInt32().ShouldBe(padding ? 2 : 1);
        json[1].GetProperty("executable").GetBoolean().ShouldBeTrue();
        json[2].GetProperty("link").GetString().ShouldBe("a.bin");
    }

    [Fact]
    public async Task Show_draws_the_folders_with_what_lies_below_them()
    {
        await using var folder = TempFolder.Create();
        await File.WriteAllBytesAsync(folder.Below(folder.MakeFolder("tree", "sub", "deep"), "b"), new byte[2048], Cancel);
        await File.WriteAllBytesAsync(folder.Below("tree", "sub", "c"), new byte[1024], Cancel);
        await File.WriteAllBytesAsync(folder.Below("tree", "a"), [1], Cancel);
        (await CliRun.OfAsync("torrent", "create", folder.Below("tree"), "-o", folder.Below("t"), "--v1")).ExitCode.ShouldBe(ExitCode.Done);

        var shown = await CliRun.OfAsync("torrent", "show", folder.Below("t"));

        string[] lines = [.. shown.Output.Split('\n').SkipWhile(line => !line.StartsWith("files", StringComparison.Ordinal)).Select(line => line.TrimEnd('\r'))];
        lines[..6].ShouldBe(
        [
            "files     3, by index, size and name:",
            "     0        1 B    a",
            "          3.0 KiB    sub/",
            "     1    1.0 KiB      c",
            "          2.0 KiB      deep/",
            "     2    2.0 KiB        b",
        ]);
    }

    [Fact]
    public async Task Padding_is_asked_for_and_contradictions_are_refused()
    {
        await using var folder = TempFolder.Create();
        await File.WriteAllBytesAsync(folder.Below(folder.MakeFolder("tree"), "a"), [1], Cancel);
        await File.WriteAllBytesAsync(folder.Below("tree", "b"), [2], Cancel);
        foreach (var (flag, padding) in new[] { ("--pad", true), ("--no-pad", false) })
        {
            (await CliRun.OfAsync("torrent", "create", folder.Below("tree"), "-o", folder.Below("t"), "--v1", flag)).ExitCode.ShouldBe(ExitCode.Done);
            Metainfo.Parse(await File.ReadAllBytesAsync(folder.Below("t"), Cancel)).Files.Any(file => file.IsPadding).ShouldBe(padding);
        }

        (await CliRun.OfAsync("torrent", "create", folder.Below("tree"), "--v1", "--v2")).ExitCode.ShouldBe(ExitCode.Usage);
        (await CliRun.OfAsync("torrent", "create", folder.Below("tree"), "--format", "v1", "--v1")).ExitCode.ShouldBe(ExitCode.Usage);
        (await CliRun.OfAsync("torrent", "create", folder.Below("tree"), "--v1", "--pad", "--no-pad")).ExitCode.ShouldBe(ExitCode.Usage);
    }

    [Fact]
    public async Task Show_tells_of_web_seeds_and_remarks_and_lets_nobody_steer_the_terminal()
    {
        await using var folder = TempFolder.Create();
        await File.WriteAllBytesAsync(folder.Below("data.bin"), [1], Cancel);
        (await CliRun.OfAsync(
            "torrent", "create", folder.Below("data.bin"), "-o", folder.Below("t"), "--web-seed", "https://example.org/data.bin", "--comment", "first\u001b[2J\nlast")).ExitCode.ShouldBe(ExitCode.Done);

        var shown = await CliRun.OfAsync("torrent", "show", folder.Below("t"));
        var link = await CliRun.OfAsync("torrent", "show", $"magnet:?xt=urn:btih:{new string('a', 40)}&dn=%1b%5b2Jx&ws=http://example.org/x&x.pe=%5b::1%5d:7&x.pe=host.example:8");

        shown.Output.ShouldContain("web seed  https://example.org/data.bin");
        shown.Output.ShouldContain("made      by Pier");
        shown.Output.ShouldContain("comment   first.[2J.last");
        shown.Output.ShouldContain("&ws=https%3A%2F%2Fexample.org%2Fdata.bin");
        link.Output.ShouldContain("name      .[2Jx");
        link.Output.ShouldContain("web seed  http://example.org/x");
        link.Output.ShouldContain("peer      [::1]:7");
        link.Output.ShouldContain("peer      host.example:8");
    }

    [Fact]
    public async Task A_magnet_links_selection_is_shown() =>
        (await CliRun.OfAsync("torrent", "show", $"magnet:?xt=urn:btih:{new string('a', 40)}&so=0,2-3")).Output.ShouldContain("selected  0,2-3");

    [Fact]
    public async Task What_is_no_torrent_is_refused_with_the_reason()
    {
        await using var folder = TempFolder.Create();
        await File.WriteAllTextAsync(folder.Below("x.torrent"), "<html>", Cancel);

        (await CliRun.OfAsync("torrent", "show", folder.Below("x.torrent"))).ExitCode.ShouldBe(ExitCode.Usage);
        (await CliRun.OfAsync("torrent", "show", folder.Below("missing"))).ExitCode.ShouldBe(ExitCode.NotFound);
        (await CliRun.OfAsync("torrent", "show", "magnet:?dn=x")).Error.ShouldContain("pier: the magnet link is refused");
        (await CliRun.OfAsync("torrent", "create", folder.Below("x.torrent"), "--piece-length", "17")).ExitCode.ShouldBe(ExitCode.Usage);
    }
}

using System.Text;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Programs;

/// <summary>What <c>pier get</c> says of torrents that are none, and of trackers that are none: what is wrong, where, and by its exit code whose fault it is.</summary>
public sealed class GetErrorsTests
{
    private const int Malformed = 2;
    private const int Unavailable = 6;
    private const string Hash = "0123456789abcdef0123456789abcdef01234567";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("<html>not a torrent</html>", "the torrent is refused")]
    [InlineData("d4:infod6:lengthi5e4:name1:a12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaae", "the torrent is refused")]
    [InlineData("d4:infod5:filesld6:lengthi5e4:pathl2:..1:xeee4:name1:a12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaaee", "info.files[0].path")]
    [InlineData("d4:infod6:lengthi5e4:name3:a/b12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaaee", "info.name")]
    public async Task A_torrent_that_is_refused_says_where_it_came_from_and_what_is_wrong(string torrent, string words)
    {
        await using var home = TempFolder.Create("refused");
        await using var page = await WebPage.ServeAsync(Encoding.Latin1.GetBytes(torrent), "application/x-bittorrent", Token);
        await using var pier = await PierProgram.StartAsync(Token);
        await File.WriteAllTextAsync(home.Below("x.torrent"), torrent, Token);

        foreach (var source in new[] { $"{page.Root}/x.torrent", home.Below("x.torrent") })
        {
            var refused = await pier.RunAsync(Token, "get", source, home.Below("got"));
            refused.ExitCode.ShouldBe(Malformed, refused.Error);
            refused.Error.ShouldContain(source);
            refused.Error.ShouldContain(words);
        }
        Path.Exists(home.Below("got")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("magnet:?xt=urn:btih:0123", "names no torrent")]
    [InlineData($"magnet:?xt=urn:btih:{Hash}&xt=urn:btih:1{Hash}", "info-hash")]
    [InlineData($"magnet:?xt=urn:btih:{Hash}&xt=urn:btih:ffff456789abcdef0123456789abcdef01234567", "two v1 torrents")]
    public async Task A_malformed_magnet_link_is_no_missing_source(string link, string words)
    {
        await using var home = TempFolder.Create("refused");
        await using var pier = await PierProgram.StartAsync(Token);

        var refused = await pier.RunAsync(Token, "get", link, home.Below("got"));

        refused.ExitCode.ShouldBe(Malformed, refused.Error);
        refused.Error.ShouldContain("magnet");
        refused.Error.ShouldContain(words);
    }

    [Fact]
    public async Task A_torrent_file_that_is_not_there_is_not_found()
    {
        await using var pier = await PierProgram.StartAsync(Token);
        var refused = await pier.RunAsync(Token, "get", "/nowhere/x.torrent", "got");
        refused.ExitCode.ShouldBe(4, refused.Error);
        refused.Error.ShouldContain("/nowhere/x.torrent");
    }

    [Fact]
    public async Task Trackers_that_are_none_are_named_by_their_hosts_when_a_swarm_brings_nothing()
    {
        await using var home = TempFolder.Create("refused");
        await using var page = await WebPage.ServeAsync("<html>welcome</html>"u8.ToArray(), "text/html", Token);
        await using var pier = await PierProgram.StartAsync(Token);
        var nobody = $"http://127.0.0.1:{FreePort.Next()}";
        string[] trackers = [$"{page.Root}/secret-pass-key/announce", $"{nobody}/secret-pass-key/announce"];
        var link = $"magnet:?xt=urn:btih:{Hash}{string.Concat(trackers.Select(tracker => $"&tr={Uri.EscapeDataString(tracker)}"))}";

        var failed = await pier.RunAsync(Token, "get", link, home.Below("got"));

        failed.ExitCode.ShouldBe(Unavailable, failed.Error);
        failed.Error.ShouldContain("0 peers are known");
        failed.Error.ShouldContain($"tracker {page.Root}: it answered with a web page");
        failed.Error.ShouldContain($"tracker {nobody}: it cannot be asked");
        failed.Error.ShouldNotContain("secret-pass-key");
        pier.Daemon.Log.Lines.ShouldNotContain(line => line.Contains("secret-pass-key", StringComparison.Ordinal));
    }
}

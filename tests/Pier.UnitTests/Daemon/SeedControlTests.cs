using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Pier.Api.Seeds;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;
using Pier.Daemon.Seeds;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;
using Pier.UnitTests.BitTorrent.Swarms;
using Pier.UnitTests.Cli;

namespace Pier.UnitTests.Daemon;

/// <summary><c>pier seed</c> with a whole daemon: how it is told to seed, and that it does so at once and after a restart.</summary>
public sealed class SeedControlTests
{
    private static readonly Uri Nowhere = new("http://127.0.0.1:1/");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_super_seed_shows_few_pieces_to_a_peer_also_after_a_restart_and_all_once_told_to()
    {
        await using var folder = TempFolder.Create("super");
        await File.WriteAllBytesAsync(folder.Below("data.bin"), new byte[300_000], Token);
        var torrent = folder.Below("data.torrent");
        string[] seed = ["seed", folder.Below("data.bin"), "--torrent", torrent, "--socket", folder.Below("pier.sock")];
        await using (var first = await TestDaemon.StartAsync(folder, Nowhere, Token))
        {
            (await CliRun.OfAsync([.. seed, "--super-seed"])).ShouldSatisfyAllConditions(run => run.ExitCode.ShouldBe(0, run.Error), run => run.Output.ShouldContain(": 1 file, "));
            await ShowsAsync(first, MessageId.HaveNone);
        }

        await using var second = await TestDaemon.StartAsync(folder, Nowhere, Token);
        await ShowsAsync(second, MessageId.HaveNone);
        (await CliRun.OfAsync("seed", "--list", "--socket", second.Options.Socket)).Output.ShouldContain("super seeding");

        (await CliRun.OfAsync(seed)).ExitCode.ShouldBe(0);
        await ShowsAsync(second, MessageId.HaveAll);
        (await CliRun.OfAsync("seed", "--list", "--socket", second.Options.Socket)).Output.ShouldNotContain("super seeding");

        async Task ShowsAsync(TestDaemon daemon, MessageId what)
        {
            var id = Metainfo.Parse(await File.ReadAllBytesAsync(torrent, Token)).Id.Primary;
            using var peer = await FakePeer.MeetAsync(daemon.Options.Peers!, id, Token);
            await peer.ExpectAsync(what, Token).WaitAsync(Eventually.Patience, Token);

            // More than four at once, because they are small.
            for (var have = 0; have < 5 && what == MessageId.HaveNone; have++)
            {
                await peer.ExpectAsync(MessageId.Have, Token).WaitAsync(Eventually.Patience, Token);
            }
        }
    }

    [Fact]
    public async Task Seeding_again_with_another_tracker_announces_there()
    {
        await using var folder = TempFolder.Create("again");
        await File.WriteAllBytesAsync(folder.Below("data.bin"), new byte[300_000], Token);
        await using var daemon = await TestDaemon.StartAsync(folder, Nowhere, Token);
        string[] seed = ["seed", folder.Below("data.bin"), "--torrent", "-", "--socket", daemon.Options.Socket];
        (await CliRun.OfAsync(seed)).ExitCode.ShouldBe(0);

        (await CliRun.OfAsync([.. seed, "--tracker", "http://127.0.0.1:1/announce"])).ExitCode.ShouldBe(0);

        await Eventually.TrueAsync(
            async () => (await CliRun.OfAsync("swarm", "show", "data.bin", "--socket", daemon.Options.Socket)).Output.Contains("trackers   http://127.0.0.1:1", StringComparison.Ordinal),
            "the tracker is asked",
            Eventually.Patience,
            Token);
    }

    [Fact]
    public async Task Seeding_again_goes_on_when_its_client_leaves_while_the_old_tracker_is_told_good_bye()
    {
        await using var folder = TempFolder.Create("leaves");
        await File.WriteAllBytesAsync(folder.Below("data.bin"), new byte[300_000], Token);
        await using var daemon = await TestDaemon.StartAsync(folder, Nowhere, Token);
        var (library, engine) = (daemon.Services.GetRequiredService<SeedLibrary>(), daemon.Services.GetRequiredService<BitTorrentEngine>());
        using var client = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var tracker = new HttpListener { Prefixes = { $"http://127.0.0.1:{FreePort.Next()}/" } };
        tracker.Start();
        var answering = AnswerAsync();
        var request = new SeedRequest(folder.Below("data.bin"));
        var (_, torrent) = await library.AddAsync(request with { Trackers = [$"{tracker.Prefixes.Single()}announce"] }, new Progress<TorrentCreationProgress>(), client.Token);
        await Eventually.TrueAsync(() => engine.Find(torrent.Id)!.Trackers.Any(one => one.Answered == true), "the tracker has answered", Eventually.Patience, Token);

        await library.AddAsync(request, new Progress<TorrentCreationProgress>(), client.Token);

        client.IsCancellationRequested.ShouldBeTrue("it left in the middle");
        engine.Find(torrent.Id).ShouldNotBeNull().Trackers.ShouldBeEmpty();
        tracker.Stop();
        await answering;

        async Task AnswerAsync()
        {
            try
            {
                while (true)
                {
                    var asked = await tracker.GetContextAsync();
                    if (asked.Request.QueryString["event"] == "stopped")
                    {
                        await client.CancelAsync();
                    }
                    asked.Response.Close("d8:intervali1800e5:peers0:e"u8.ToArray(), willBlock: false);
                }
            }
            catch (Exception) when (!tracker.IsListening)
            {
                // The test is over.
            }
        }
    }

    [Fact]
    public async Task The_list_tells_of_files_that_changed_since_they_were_hashed()
    {
        await using var folder = TempFolder.Create("changed");
        await File.WriteAllBytesAsync(folder.Below("data.bin"), [1, 2, 3], Token);
        await using var daemon = await TestDaemon.StartAsync(folder, Nowhere, Token);
        string[] socket = ["--socket", daemon.Options.Socket];
        (await CliRun.OfAsync(["seed", folder.Below("data.bin"), "--torrent", "-", .. socket])).ExitCode.ShouldBe(0);
        (await CliRun.OfAsync(["seed", "--list", .. socket])).Output.ShouldNotContain("has changed");

        await File.WriteAllBytesAsync(folder.Below("data.bin"), [4, 5, 6, 7], Token);

        (await CliRun.OfAsync(["seed", "--list", .. socket])).Output.ShouldContain("data.bin has changed: run 'pier seed' again");

        File.Delete(folder.Below("data.bin"));

        (await CliRun.OfAsync(["seed", "--list", .. socket])).Output.ShouldContain("data.bin is gone");
    }

    [Fact]
    public async Task Get_makes_the_links_of_a_folder_too_and_tells_who_misnames_a_file()
    {
        await using var folder = TempFolder.Create("links");
        await File.WriteAllBytesAsync(folder.Below(folder.MakeFolder("tree", "sub"), "data"), [1, 2, 3], Token);
        File.CreateSymbolicLink(folder.Below("tree", "first"), "sub/data");
        File.CreateSymbolicLink(folder.Below("tree", "sub", "up"), "../first");
        File.CreateSymbolicLink(folder.Below("tree", "to-sub"), "sub");
        await using var daemon = await TestDaemon.StartAsync(folder, Nowhere, Token);
        var torrent = folder.Below("t.torrent");
        string[] socket = ["--socket", daemon.Options.Socket];
        (await CliRun.OfAsync(["seed", folder.Below("tree"), "--torrent", torrent, .. socket])).ExitCode.ShouldBe(0);
        for (var time = 0; time < 2; time++)
        {
            (await CliRun.OfAsync(["get", torrent, folder.MakeFolder("out"), .. socket])).ShouldSatisfyAllConditions(run => run.ExitCode.ShouldBe(0, run.Error));
            new FileInfo(folder.Below("out", "tree", "first")).LinkTarget.ShouldBe("sub/data");
            new FileInfo(folder.Below("out", "tree", "sub", "up")).LinkTarget.ShouldBe("../first");
            new FileInfo(folder.Below("out", "tree", "to-sub")).LinkTarget.ShouldBe("sub");
        }

        var misnamed = await CliRun.OfAsync(["get", "--select", "*.none", torrent, folder.Below("out"), .. socket]);

        misnamed.ExitCode.ShouldBe(Pier.Cli.ExitCode.NotFound);
        misnamed.Error.ShouldStartWith("pier: '*.none' names no file of the torrent 'tree'");
    }

    [Fact]
    public async Task A_folder_that_no_torrent_can_be_made_of_is_refused_by_name()
    {
        await using var folder = TempFolder.Create("outward");
        await File.WriteAllBytesAsync(folder.Below(folder.MakeFolder("tree"), "data"), [1], Token);
        File.CreateSymbolicLink(folder.Below("tree", "out"), "../elsewhere");
        await using var daemon = await TestDaemon.StartAsync(folder, Nowhere, Token);

        var run = await CliRun.OfAsync("seed", folder.Below("tree"), "--socket", daemon.Options.Socket);

        run.ExitCode.ShouldBe(Pier.Cli.ExitCode.Usage);
        run.Error.ShouldStartWith($"pier: cannot make a torrent of '{folder.Below("tree", "out")}'");
    }

    [Theory]
    [InlineData("--tracker", "tracker.example")]
    [InlineData("--tracker", "udp://tracker.example")]
    [InlineData("--tracker", "wss://tracker.example/")]
    [InlineData("--web-seed", "ftp://example.org/data.bin")]
    [InlineData("--web-seed", "data.bin")]
    public async Task An_address_that_nobody_could_ask_is_refused_before_anything_is_made(string flag, string address)
    {
        await using var folder = TempFolder.Create("addresses");
        await File.WriteAllBytesAsync(folder.Below("data.bin"), [1], Token);
        foreach (var command in (string[][])[["seed"], ["torrent", "create", "-o", folder.Below("t")]])
        {
            var run = await CliRun.OfAsync([.. command, folder.Below("data.bin"), flag, address, "--socket", folder.Below("none.sock")]);

            run.ExitCode.ShouldBe(Pier.Cli.ExitCode.Usage);
            run.Error.ShouldContain($"{flag}: '{address}'");
            File.Exists(folder.Below("t")).ShouldBeFalse();
        }
    }
}

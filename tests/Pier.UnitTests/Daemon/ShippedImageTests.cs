using System.Net;
using Pier.Engines.Images;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.UnitTests.Cli;

namespace Pier.UnitTests.Daemon;

/// <summary>The image pier/frontend in the registry of a node that has the program.</summary>
public sealed class ShippedImageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_registry_serves_it_by_name_and_digest_and_asks_nobody()
    {
        await using var folder = TempFolder.Create();
        await using var upstream = await StubRegistry.StartAsync(holdLayer: false, Cancel);
        var program = await ProgramAsync(folder, "first");
        await using var daemon = await TestDaemon.StartAsync(TestDaemon.OptionsIn(folder, upstream.Address) with { Frontend = program }, Cancel);
        var digest = (await FrontendImage.PackAsync(program, Cancel)).Digest;

        await Eventually.TrueAsync(async () => await HeadAsync(daemon, "latest") == digest, "the image is served", TimeSpan.FromSeconds(60), Cancel);

        (await HeadAsync(daemon, digest)).ShouldBe(digest);
        (await HeadAsync(daemon, "another")).ShouldBeNull();
        upstream.Requests.ShouldBe(0);
        (await CliRun.OfAsync("images", "--socket", daemon.Options.Socket)).Output.ShouldContain("pier/frontend:latest");
    }

    [Fact]
    public async Task After_an_upgrade_the_name_is_the_new_image_and_the_old_one_stays_under_its_digest()
    {
        await using var folder = TempFolder.Create();
        var nobody = new Uri("http://127.0.0.1:9/");
        var program = await ProgramAsync(folder, "first");
        var options = TestDaemon.OptionsIn(folder, nobody) with { Frontend = program };
        var old = (await FrontendImage.PackAsync(program, Cancel)).Digest;
        await using (var before = await TestDaemon.StartAsync(options, Cancel))
        {
            await Eventually.TrueAsync(async () => await HeadAsync(before, "latest") == old, "the old image is served", TimeSpan.FromSeconds(60), Cancel);
        }

        await ProgramAsync(folder, "second");
        var renewed = (await FrontendImage.PackAsync(program, Cancel)).Digest;
        await using var after = await TestDaemon.StartAsync(options, Cancel);

        renewed.ShouldNotBe(old);
        await Eventually.TrueAsync(async () => await HeadAsync(after, "latest") == renewed, "the new image is served", TimeSpan.FromSeconds(60), Cancel);
        (await HeadAsync(after, old)).ShouldBe(old);
    }

    [Fact]
    public async Task A_program_that_is_not_there_stops_nothing()
    {
        await using var folder = TempFolder.Create();
        await using var daemon = await TestDaemon.StartAsync(
            TestDaemon.OptionsIn(folder, new Uri("http://127.0.0.1:9/")) with { Frontend = folder.Below("none") }, Cancel);

        (await daemon.Http.GetAsync(new Uri(daemon.Registry, "v2/"), Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await HeadAsync(daemon, "latest")).ShouldBeNull();
    }

    private static async Task<string> ProgramAsync(TempFolder folder, string text)
    {
        await File.WriteAllTextAsync(folder.Below("pierdat"), "pierdat", Cancel);
        await File.WriteAllTextAsync(folder.Below("pier-frontend"), text, Cancel);
        return folder.Below("pier-frontend");
    }

    /// <summary>The digest that an engine learns, which was sent here in docker.io's place; null when there is no such image.</summary>
    private static async Task<string?> HeadAsync(TestDaemon daemon, string reference)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, new Uri(daemon.Registry, $"v2/pier/frontend/manifests/{reference}?ns=docker.io"));
        using var answer = await daemon.Http.SendAsync(request, Cancel);
        return answer.StatusCode == HttpStatusCode.OK ? answer.Headers.GetValues("Docker-Content-Digest").Single() : null;
    }
}

using System.Text.Json;
using Pier.Api.Nodes;
using Pier.Cli.Output;
using Pier.TestKit.Files;
using Pier.UnitTests.Daemon;

namespace Pier.UnitTests.Cli;

/// <summary>What <c>pier top</c> makes of two looks at a node.</summary>
public sealed class TopReportTests
{
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Rates_are_differences_and_the_time_to_come_follows_from_them()
    {
        var before = Status(new SourceBytes(1000, 0, 0, 0, 2000), Arriving(10_000, new SourceBytes(0, 1000, 0, 0, 1000)));
        var now = Status(new SourceBytes(3000, 4000, 0, 0, 3000), Arriving(10_000, new SourceBytes(0, 3000, 0, 0, 3000)));

        var report = TopReport.Of(before, now, TimeSpan.FromSeconds(2));

        report.Received.ShouldBe(new SourceBytes(1000, 2000, 0, 0, 500));
        report.HitRatio.ShouldBe(0.3);
        report.Fetches.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            fetch => fetch.Rate.ShouldBe(2000), fetch => fetch.Arrived.ShouldBe(6000), fetch => fetch.Eta.ShouldBe(2));
        using var page = new StringWriter();
        report.Render(page);
        page.ToString().ShouldContain("60%");
        page.ToString().ShouldContain("peers 50% upstream 50%");
    }

    [Fact]
    public void A_daemon_that_was_started_again_gives_no_negative_rates()
    {
        var report = TopReport.Of(Status(new SourceBytes(0, 9000, 0, 0, 0)), Status(SourceBytes.None), TimeSpan.FromSeconds(1));

        report.Received.ShouldBe(SourceBytes.None);
        report.HitRatio.ShouldBeNull();
        using var page = new StringWriter();
        report.Render(page);
        page.ToString().ShouldContain("nothing is arriving");
    }

    [Fact]
    public async Task Without_a_terminal_it_looks_once_and_ends()
    {
        await using var folder = TempFolder.Create("top");
        await using var daemon = await TestDaemon.StartAsync(folder, new Uri("http://127.0.0.1:9/"), Cancel);

        var run = await CliRun.OfAsync("top", "--every", "0.1", "--socket", daemon.Options.Socket);
        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldContain("nothing is arriving");

        var json = await CliRun.OfAsync("top", "--json", "--socket", daemon.Options.Socket);
        using var document = JsonDocument.Parse(json.Output);
        document.RootElement.GetProperty("fetches").GetArrayLength().ShouldBe(0);
    }

    private static FetchStatus Arriving(long size, SourceBytes sources) => new(Digest, "docker.io/library/a", size, "fetching", sources, 0);

    private static NodeStatus Status(SourceBytes received, params FetchStatus[] fetches) => new(
        "node", "1", DateTimeOffset.UnixEpoch, "/state", null, [], new StorageStatus(0, 0, 0), new TransferStatus(received, 0, 0, 0), [], fetches, []);
}

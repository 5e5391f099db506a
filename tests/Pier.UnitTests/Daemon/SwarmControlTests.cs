using System.Text.Json;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.UnitTests.Cli;

namespace Pier.UnitTests.Daemon;

/// <summary>Torrents over the control socket, as <c>pier swarm</c> asks for them, and their sums among the metrics.</summary>
public sealed class SwarmControlTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_seeded_file_is_listed_shown_by_any_of_its_names_and_counted()
    {
        await using var folder = TempFolder.Create("swarms");
        await File.WriteAllBytesAsync(folder.Below("data.bin"), new byte[300_000], Token);
        await using var daemon = await TestDaemon.StartAsync(folder, new Uri("http://127.0.0.1:1/"), Token);
        string[] socket = ["--socket", daemon.Options.Socket];
        (await CliRun.OfAsync(["seed", folder.Below("data.bin"), .. socket])).ExitCode.ShouldBe(0);
        await Eventually.TrueAsync(
            async () => (await CliRun.OfAsync(["swarm", "ls", .. socket])).Output.Contains("seeding", StringComparison.Ordinal),
            "the file is seeded",
            Eventually.Patience,
            Token);

        using var list = JsonDocument.Parse((await CliRun.OfAsync(["swarm", "ls", "--json", .. socket])).Output);
        var swarm = list.RootElement.GetProperty("swarms").EnumerateArray().ShouldHaveSingleItem();
        var hash = swarm.GetProperty("infoHash").GetString()!;
        foreach (var name in new[] { hash, hash[..8], hash.ToUpperInvariant(), "data.bin" })
        {
            var limited = await CliRun.OfAsync(["limits", "set", name, "--ratio", "2", .. socket]);
            limited.ExitCode.ShouldBe(0, limited.Error);
            limited.Output.ShouldContain(hash);
            (await CliRun.OfAsync(["limits", "set", name, "--ratio", "none", .. socket])).Output.ShouldNotContain(hash);
            var shown = await CliRun.OfAsync(["swarm", "show", name, .. socket]);
            shown.ExitCode.ShouldBe(0, shown.Error);
            shown.Output.ShouldContain($"info-hash  {hash}");
        }

        using var detail = JsonDocument.Parse((await CliRun.OfAsync(["swarm", "show", hash, "--json", .. socket])).Output);
        var pieces = detail.RootElement.GetProperty("pieces").GetInt32();
        detail.RootElement.GetProperty("piecesHave").GetInt32().ShouldBe(pieces);
        detail.RootElement.GetProperty("pieceMap").GetBytesFromBase64().Sum(bits => int.PopCount(bits)).ShouldBe(pieces);

        var unknown = await CliRun.OfAsync(["swarm", "show", "nothing.bin", .. socket]);
        unknown.ExitCode.ShouldBe(4);
        unknown.Error.ShouldContain("pier swarm ls");

        var metrics = await daemon.Http.GetStringAsync(new Uri(daemon.ControlPort, "/metrics"), Token);
        metrics.ShouldContain("pier_swarm_wasted_bytes_total{kind=\"failed\"} 0");
        metrics.ShouldContain("pier_swarm_violations_total 0");
        metrics.ShouldNotContain(hash);
    }
}

using System.Text.RegularExpressions;
using Pier.TestKit.Files;
using Pier.UnitTests.Cli;
using Pier.UnitTests.House;

namespace Pier.UnitTests.Daemon;

/// <summary>The page of metrics says what its documentation says, and is what Prometheus reads.</summary>
public sealed partial class MetricsPageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_metric_is_explained_in_docs_metrics_and_none_is_that_is_not_there()
    {
        var page = await PageAsync();
        var told = Family().Matches(page).Select(match => match.Groups["name"].Value).ToArray();
        var explained = Explained().Matches(await File.ReadAllTextAsync(Path.Combine(Tree.Root, "docs", "metrics.md"), Token))
            .Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);

        told.Except(explained).ShouldBeEmpty("docs/metrics.md has no row for these");
        explained.Except(told).ShouldBeEmpty("docs/metrics.md has rows for what /metrics does not tell");
        told.ShouldBe(told.Distinct(), "Prometheus wants the lines of a metric together");
    }

    [Fact]
    public async Task Every_line_is_a_name_labels_and_a_number()
    {
        foreach (var line in (await PageAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Line().IsMatch(line).ShouldBeTrue(line);
        }
    }

    private static async Task<string> PageAsync()
    {
        await using var folder = TempFolder.Create("metrics");
        await File.WriteAllBytesAsync(folder.Below("data.bin"), new byte[1000], Token);
        await using var daemon = await TestDaemon.StartAsync(folder, new Uri("http://127.0.0.1:1/"), Token);
        (await CliRun.OfAsync(["seed", folder.Below("data.bin"), "--socket", daemon.Options.Socket])).ExitCode.ShouldBe(0);
        return await daemon.Http.GetStringAsync(new Uri(daemon.ControlPort, "/metrics"), Token);
    }

    [GeneratedRegex(@"^# TYPE (?<name>\S+) ", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Family();

    [GeneratedRegex(@"^\| `(?<name>pier_[a-z0-9_]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Explained();

    [GeneratedRegex("""^(# (HELP|TYPE) pier_\w+ .+|pier_\w+(\{\w+="[^"\\]*"(,\w+="[^"\\]*")*\})? -?\d+(\.\d+)?(E[+-]\d+)?)$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Line();
}

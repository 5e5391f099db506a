using Pier.Daemon.Options;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.UnitTests.Cli;

namespace Pier.UnitTests.Daemon;

/// <summary>Images that are pulled before anybody asks.</summary>
public sealed class WarmUpTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_images_of_the_list_are_here_soon_after_the_start_and_a_bad_one_does_not_stop_the_rest()
    {
        await using var folder = TempFolder.Create();
        await using var upstream = await StubRegistry.StartAsync(holdLayer: false, Cancel);
        var file = folder.Below("warm");
        await File.WriteAllTextAsync(file, "# the application\n\napp:1\n", Cancel);
        var settings = ConfigurationFile.Parse(
            System.Text.Encoding.UTF8.GetBytes($$"""{"version":1,"warmUp":{"images":["nosuch:1"],"file":"{{file}}","platforms":"linux/amd64,linux/arm64"} }"""), "pierd.json");
        settings.WarmUp!.Scope.Platforms!.Count.ShouldBe(2);

        await using var daemon = await TestDaemon.StartAsync(TestDaemon.OptionsIn(folder, upstream.Address) with { WarmUp = settings.WarmUp }, Cancel);

        await Eventually.TrueAsync(
            async () => (await CliRun.OfAsync("images", "--socket", daemon.Options.Socket)).Output.Contains("app:1", StringComparison.Ordinal),
            "the image is here", TimeSpan.FromSeconds(60), Cancel);
    }

    [Theory]
    [InlineData("{\"images\":[\"UPPER\"]}", "lower case")]
    [InlineData("{\"platforms\":\"linux\"}", "platforms")]
    [InlineData("{\"every\":\"often\"}", "warmUp → every")]
    [InlineData("{\"image\":[]}", "'image'")]
    public void What_is_wrong_with_the_list_is_named(string text, string reason) =>
        Should.Throw<ConfigurationException>(() => ConfigurationFile.Parse(System.Text.Encoding.UTF8.GetBytes($"{{\"version\":1,\"warmUp\":{text}}}"), "pierd.json"))
            .Message.ShouldContain(reason);

    [Fact]
    public void A_list_that_cannot_be_read_is_named() =>
        Should.Throw<ConfigurationException>(() => WarmUpReader.ReadFile("/nosuch/list")).Message.ShouldContain("/nosuch/list");
}

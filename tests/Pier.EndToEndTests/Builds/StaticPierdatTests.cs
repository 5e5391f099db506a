using Pier.TestKit.Engines;

namespace Pier.EndToEndTests.Builds;

/// <summary>The static pierdat: how large it is, and the smaller one without HTTPS, which hashes with less of OpenSSL.</summary>
[Collection(BuildTests.Name)]
public sealed class StaticPierdatTests(BuildSetting setting) : BuildSuite(setting)
{
    [Fact]
    public async Task It_has_at_most_eighteen_megabytes() =>
        new FileInfo(await PierdatProgram.MakeAsync(Cancel)).Length.ShouldBeLessThanOrEqualTo(18_000_000);

    [Fact]
    [Trait("Run", "full")]
    public async Task Without_HTTPS_it_has_at_most_twelve_fetches_from_swarms_and_says_what_it_cannot()
    {
        var program = await PierdatProgram.MakeSmallAsync(Cancel);
        new FileInfo(program).Length.ShouldBeLessThanOrEqualTo(12_000_000);
        var folder = Setting.Folder.MakeFolder("small-pierdat");
        Setting.Web["/small-pierdat"] = "by http"u8.ToArray();

        (await RunAsync(program, folder, Setting.FileMagnet, "swarm/")).ExitCode.ShouldBe(0);
        (await RunAsync(program, folder, Setting.At("/small-pierdat"), "web/")).ExitCode.ShouldBe(0);
        var refused = await RunAsync(program, folder, "https://example.org/x", "x");

        (await File.ReadAllBytesAsync(Path.Combine(folder, "swarm", "file.bin"), Cancel)).ShouldBe(Setting.FileContent);
        (await File.ReadAllTextAsync(Path.Combine(folder, "web", "small-pierdat"), Cancel)).ShouldBe("by http");
        refused.ExitCode.ShouldBe(1);
        refused.Error.ShouldContain("example.org");
        refused.Error.ShouldContain("built without HTTPS");
    }

    private async Task<TestKit.Processes.CommandResult> RunAsync(string program, string folder, string uri, string destination) =>
        await Setting.Cluster.Nodes[0].Host.Namespace.RunAsync(
            "env", [$"PIERDAT_FILE={folder}/list", "PIERDAT_DHT=off", program, uri, Path.Combine(folder, destination)], Cancel);
}

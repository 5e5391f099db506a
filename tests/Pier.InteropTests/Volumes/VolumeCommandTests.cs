using System.Text.Json;
using Pier.InteropTests.Programs;
using Pier.TestKit;
using Pier.TestKit.Files;

namespace Pier.InteropTests.Volumes;

/// <summary><c>pier volume</c>: a volume is made, looked at, fetched in part and removed without an engine.</summary>
public sealed class VolumeCommandTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_volume_is_made_fetched_in_part_and_removed()
    {
        await using var home = TempFolder.Create("volume");
        var data = home.MakeFolder("data");
        Directory.CreateDirectory(Path.Combine(data, "deep"));
        await File.WriteAllBytesAsync(Path.Combine(data, "big.bin"), new byte[3 << 20], Token);
        await File.WriteAllBytesAsync(Path.Combine(data, "deep", "one.idx"), new byte[1 << 20], Token);
        await using var seed = await PierProgram.StartAsync(Token);
        var magnet = await seed.SeedAsync(data, Token);
        await using var pier = await PierProgram.StartAsync(Token);

        (await pier.RunAsync(Token, "volume", "create", "-o", "source=" + magnet, "-o", "colour=red", "data")).Error.ShouldContain("colour");
        (await pier.RunAsync(Token, "volume", "create", "-o", "source=" + magnet, "-o", "quota=1g", "data")).Error.ShouldContain("quota");
        (await pier.LinesAsync(Token, "volume", "create", "-o", "source=" + magnet, "data")).ShouldBe(["data"]);
        (await pier.RunAsync(Token, "volume", "create", "-o", "source=" + magnet, "data")).OrThrow();
        (await pier.RunAsync(Token, "volume", "create", "-o", "source=" + magnet, "-o", "uid=7", "data")).Error.ShouldContain("other options");
        await Eventually.TrueAsync(async () => await SizeAsync(pier) == 4 << 20, "what is in it is known", Deadline, Token);

        (await pier.LinesAsync(Token, "volume", "prefetch", "data", "**/*.idx")).ShouldBe(["data: 25 % of 4.0 MiB here"]);
        (await pier.LinesAsync(Token, "volume", "show", "data")).ShouldContain(line => line.StartsWith("content   4.0 MiB, 25 % here; ", StringComparison.Ordinal));
        (await pier.LinesAsync(Token, "volume", "prefetch", "data")).ShouldBe(["data: 100 % of 4.0 MiB here"]);

        (await pier.LinesAsync(Token, "volume", "rm", "data")).ShouldBe(["data"]);
        (await pier.RunAsync(Token, "volume", "show", "data")).Error.ShouldContain("no volume 'data'");
        (await pier.LinesAsync(Token, "volume", "ls")).ShouldHaveSingleItem("the headings");
        Directory.GetDirectories(pier.StateFile("volumes/.content")).ShouldBeEmpty("and what had arrived");
    }

    private static async Task<long?> SizeAsync(PierProgram pier) =>
        JsonDocument.Parse((await pier.RunAsync(Token, "volume", "show", "data", "--json")).OrThrow().Output).RootElement.TryGetProperty("size", out var size)
        && size.ValueKind == JsonValueKind.Number ? size.GetInt64() : null;
}

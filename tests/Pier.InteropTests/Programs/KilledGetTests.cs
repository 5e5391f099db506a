using System.Text.Json;
using Pier.InteropTests.Engine;
using Pier.TestKit;
using Pier.TestKit.Files;

namespace Pier.InteropTests.Programs;

/// <summary>A <c>pierd</c> that is killed in the middle of <c>pier get</c>: the command says so, and the same command later goes on from what is on disk.</summary>
public sealed class KilledGetTests
{
    private const int Size = 24 << 20;
    private const string SlowRate = "1M";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("hybrid")]
    [InlineData("v1", Traits = ["Run", "full"])]
    public async Task The_next_get_fetches_only_what_is_missing(string format)
    {
        await using var home = TempFolder.Create("killed-get");
        var folder = home.MakeFolder("data");
        byte[][] files = [Bytes(Size), Bytes(100_001), Bytes(17)];
        foreach (var (index, bytes) in files.Index())
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{index}.bin"), bytes, Token);
        }
        await using var seed = await PierProgram.StartAsync(Token);
        var torrent = home.Below("data.torrent");
        await seed.LinesAsync(Token, "seed", folder, "--format", format, "--torrent", torrent);
        await using var pier = await PierProgram.StartAsync(Token, flags: ["--download-limit", SlowRate]);

        var broken = pier.RunAsync(Token, "get", torrent, home.Below("got"));
        var have = 0L;
        await Eventually.TrueAsync(async () => (have = (await SwarmAsync(pier)).Have) > Size / 8, "some of it to be there", PierPeer.Deadline, Token);
        await pier.Daemon.KillAsync(Token);

        (await broken).ExitCode.ShouldBe(3, "no daemon answers any more");
        File.Exists(home.Below("got", "0.bin")).ShouldBeFalse("nothing gets its name before it is whole");
        var sentBefore = (await SwarmAsync(seed)).Uploaded;
        await pier.KillAndStartAsync([], Token);
        (await pier.RunAsync(Token, "get", torrent, home.Below("got"))).OrThrow();

        foreach (var (index, bytes) in files.Index())
        {
            (await File.ReadAllBytesAsync(home.Below("got", $"{index}.bin"), Token)).AsSpan().SequenceEqual(bytes).ShouldBeTrue($"{index}.bin");
        }
        await Eventually.TrueAsync(async () => (await SwarmAsync(seed)).Peers == 0, "the seed to have counted all", PierPeer.Deadline, Token);
        ((await SwarmAsync(seed)).Uploaded - sentBefore).ShouldBeLessThan(Size + (1 << 20) - have, "what was on disk is not fetched again");
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    /// <summary>The only torrent of a node.</summary>
    private static async Task<(long Have, long Uploaded, int Peers)> SwarmAsync(PierProgram pier)
    {
        var list = JsonDocument.Parse((await pier.RunAsync(Token, "swarm", "ls", "--json")).OrThrow().Output).RootElement.GetProperty("swarms");
        return list.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } swarm
            ? (swarm.GetProperty("have").GetInt64(), swarm.GetProperty("uploaded").GetInt64(), swarm.GetProperty("peers").GetInt32())
            : default;
    }
}

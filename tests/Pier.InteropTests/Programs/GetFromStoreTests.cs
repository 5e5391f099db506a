using Pier.InteropTests.Fetch;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Programs;

/// <summary><c>pier get</c> of a folder, one file of which is a blob of the node's store.</summary>
public sealed class GetFromStoreTests
{
    private const int BlobSize = 3 << 20;
    private const int OtherSize = 1 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_blob_is_not_fetched_again()
    {
        await using var registry = await SmallRegistry.StartAsync(Token);
        var (digest, blob) = registry.Publish("library/app", "1", BlobSize)[0];
        await using var home = TempFolder.Create("store");
        var tree = home.MakeFolder("tree");
        await File.WriteAllBytesAsync(Path.Combine(tree, "layer.tar"), blob, Token);
        var other = new byte[OtherSize];
        new Random(3).NextBytes(other);
        await File.WriteAllBytesAsync(Path.Combine(tree, "other.bin"), other, Token);
        await using var pier = await PierProgram.StartAsync(Token, PrintedLinksTests.Upstream(registry));
        (await pier.RunAsync(Token, "pull", "app:1")).OrThrow();
        await pier.SeedsAsync(digest.Hex, Token);
        await using var seed = await PierProgram.StartAsync(Token);
        var magnet = await seed.SeedAsync(tree, Token);

        var got = (await pier.RunAsync(Token, "get", magnet, home.Below("got"))).OrThrow();

        (await Command.RunAsync("diff", ["-r", tree, home.Below("got")], Token)).OrThrow();
        got.Output.ShouldContain("cache 3.0 MiB, peers 1.0 MiB");
        got.Error.ShouldContain("layer.tar  3.0 MiB  already here");
        got.Error.ShouldContain("other.bin  1.0 MiB  done  peers 100%");
    }
}

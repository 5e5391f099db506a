using Pier.InteropTests.Fetch;
using Pier.TestKit.Files;

namespace Pier.InteropTests.Programs;

/// <summary>A node that starts again seeds what it had without reading it, let alone hashing it.</summary>
public sealed class RestartTests
{
    private const int Size = 48 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Seeding_resumes_without_reading_the_content()
    {
        await using var registry = await SmallRegistry.StartAsync(Token);
        var (digest, blob) = registry.Publish("library/app", "1", Size)[0];
        await using var home = TempFolder.Create("restart");
        var bytes = new byte[Size];
        new Random(1).NextBytes(bytes);
        await File.WriteAllBytesAsync(home.Below("data.bin"), bytes, Token);
        await using var pier = await PierProgram.StartAsync(Token, PrintedLinksTests.Upstream(registry));
        (await pier.RunAsync(Token, "pull", "app:1")).OrThrow();
        await pier.LinesAsync(Token, "seed", home.Below("data.bin"), "--torrent", "-");
        await pier.SeedsAsync(digest.Hex, Token);
        // The first time each of them had to be read, to be hashed: the meter counts that.
        (await pier.BytesReadAsync(Token)).ShouldBeGreaterThan(2L * Size);

        await pier.RestartAsync(Token);
        await pier.SeedsAsync(digest.Hex, Token);
        await pier.SeedsAsync("data.bin", Token);

        (await pier.BytesReadAsync(Token)).ShouldBeLessThan(Size / 4);
        var magnet = (await pier.LinesAsync(Token, "blobs", "--magnets")).Single(line => line.Contains(digest.Hex, StringComparison.Ordinal));
        (await OtherClient.GetAsync("libtorrent", magnet, home, digest.Hex)).AsSpan().SequenceEqual(blob).ShouldBeTrue();
    }
}

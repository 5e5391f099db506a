using System.Security.Cryptography;
using Pier.Store.Zstandard;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;

namespace Pier.InteropTests.Store;

/// <summary>What the real zstd compresses is read back, at its levels, with and without its options.</summary>
public sealed class ZstandardTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_that_zstd_writes_is_read()
    {
        await using var folder = TempFolder.Create("zstd");
        var zstd = RequiredTool.Path("zstd", "apt-get install zstd");
        await File.WriteAllBytesAsync(folder.Below("zeros"), new byte[3_000_000], Cancel);
        await File.WriteAllBytesAsync(folder.Below("random"), RandomNumberGenerator.GetBytes(700_000), Cancel);
        File.Copy(typeof(ZstandardTests).Assembly.Location, folder.Below("program"));
        // The same again, farther back than a block and most windows reach.
        await File.WriteAllBytesAsync(folder.Below("again"), [.. await File.ReadAllBytesAsync(folder.Below("random"), Cancel), .. await File.ReadAllBytesAsync(folder.Below("random"), Cancel)], Cancel);
        foreach (var name in (string[])["zeros", "random", "program", "again"])
        {
            foreach (var options in (string[][])[["-1"], ["-3", "--no-check"], ["--fast=9"], ["-9", "--long=24"], ["-16"], ["--ultra", "-22"]])
            {
                var packed = folder.Below("packed.zst");
                (await Command.RunAsync(zstd, ["-q", "-f", .. options, "-o", packed, folder.Below(name)], Cancel)).OrThrow();
                await using var file = File.OpenRead(packed);
                await using var stream = new ZstandardStream(file);

                Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, Cancel))
                    .ShouldBe(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(folder.Below(name), Cancel))), $"{name} {string.Join(' ', options)}");
            }
        }
    }
}

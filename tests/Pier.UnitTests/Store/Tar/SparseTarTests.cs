using Pier.Content.Contracts;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;
using static Pier.UnitTests.Store.Tar.TarBlocks;

namespace Pier.UnitTests.Store.Tar;

/// <summary>What GNU tar writes of files with holes is not the file: it is refused by name.</summary>
public sealed class SparseTarTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("--format=gnu")]
    [InlineData("--format=posix", "--sparse-version=0.0")]
    [InlineData("--format=posix", "--sparse-version=0.1")]
    [InlineData("--format=posix", "--sparse-version=1.0")]
    public async Task What_gnu_tar_writes_of_holes_is_refused_by_name(params string[] format)
    {
        await using var folder = TempFolder.Create("sparse");
        await using (var file = File.Create(folder.Below("disk")))
        {
            // More pieces than a header has room for.
            for (var piece = 0; piece < 30; piece++)
            {
                file.Position = piece * 65536;
                await file.WriteAsync(new byte[512].Select(_ => (byte)'x').ToArray(), Token);
            }
        }

        (await Command.RunAsync("tar", ["-cS", "--hole-detection=raw", .. format, "-f", folder.Below("tar"), "-C", folder.Path, "disk"], Token)).OrThrow();

        var tar = await File.ReadAllBytesAsync(folder.Below("tar"), Token);
        tar.Length.ShouldBeLessThan(512 << 10, "it leaves the holes out");
        (await Should.ThrowAsync<ContentFormatException>(() => FirstAsync(tar))).Message.ShouldBe("The tar holds sparse files (disk), which are not read.");
    }

    [Theory]
    [InlineData("GNU.sparse.numblocks=1")]
    [InlineData("GNU.sparse.of.tomorrow=")]
    public async Task Any_word_of_sparse_files_is_one(string record) =>
        (await Should.ThrowAsync<ContentFormatException>(() => FirstAsync([.. Pax(record, $"path={new string('n', 300)}"), .. Header('0', 0)])))
            .Message.ShouldBe($"The tar holds sparse files ({new string('n', 200)}), which are not read.");
}

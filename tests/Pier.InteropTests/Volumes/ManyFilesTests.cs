using Pier.TestKit;
using Pier.TestKit.Trees;

namespace Pier.InteropTests.Volumes;

/// <summary>A tree of a million files, mounted.</summary>
[CollectionDefinition(nameof(ManyFilesTests), DisableParallelization = true)]
[Collection(nameof(ManyFilesTests))]
[Trait("Run", "full")]
public sealed class ManyFilesTests
{
    private const int Folders = 1000;
    private const int Each = 1000;
    private const long Kept = 64 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_one_is_found_any_can_be_read_and_what_the_kernel_forgets_is_let_go()
    {
        var entries = from folder in Enumerable.Range(0, Folders)
                      from file in Enumerable.Range(0, Each)
                      select new MemoryTreeEntry($"folder-{folder}/file-{file}", [(byte)file]);
        await using var mount = TreeMount.Open(new MemoryTree([.. entries]));
        var before = GC.GetTotalMemory(forceFullCollection: true);

        (await mount.ShellAsync("find $M -type f -size 1 | wc -l", "/", Token)).Trim().ShouldBe($"{Folders * Each}");
        (await mount.ShellAsync("ls $M/folder-999 | wc -l; head -c 1 $M/folder-999/file-65", "/", Token)).ShouldBe($"{Each}\nA");
        mount.Session.HeldNodes.ShouldBeGreaterThan(Folders * Each / 4, "the kernel holds what it has seen");

        await Eventually.TrueAsync(
            async () =>
            {
                await mount.ShellAsync("sync; echo 2 > /proc/sys/vm/drop_caches", "/", Token);
                return mount.Session.HeldNodes < Each;
            },
            "the kernel forgets, and so do we",
            TimeSpan.FromMinutes(2),
            Token);
        (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(Kept);
        (await mount.ShellAsync("stat -c %s $M/folder-500/file-500", "/", Token)).Trim().ShouldBe("1");
        mount.Session.Failures.ShouldBeEmpty();
    }
}

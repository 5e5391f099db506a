using Pier.TestKit.Trees;

namespace Pier.InteropTests.Volumes;

/// <summary>A tree of a million files, mounted.</summary>
[Trait("Run", "full")]
public sealed class ManyFilesTests
{
    private const int Folders = 1000;
    private const int Each = 1000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_one_is_found_and_any_can_be_read()
    {
        var entries = from folder in Enumerable.Range(0, Folders)
                      from file in Enumerable.Range(0, Each)
                      select new MemoryTreeEntry($"folder-{folder}/file-{file}", [(byte)file]);
        await using var mount = TreeMount.Open(new MemoryTree([.. entries]));

        (await mount.ShellAsync("find $M -type f | wc -l", "/", Token)).Trim().ShouldBe($"{Folders * Each}");
        (await mount.ShellAsync("ls $M/folder-999 | wc -l; head -c 1 $M/folder-999/file-65", "/", Token)).ShouldBe($"{Each}\nA");
        // What the kernel forgets is forgotten here too.
        (await mount.ShellAsync("sync; echo 2 > /proc/sys/vm/drop_caches; stat -c %s $M/folder-500/file-500", "/", Token)).Trim().ShouldBe("1");
        mount.Session.Failures.ShouldBeEmpty();
    }
}

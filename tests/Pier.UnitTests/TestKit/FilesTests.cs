using Pier.TestKit.Files;

namespace Pier.UnitTests.TestKit;

public sealed class FilesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_folder_goes_with_everything_in_it_locked_parts_included()
    {
        var folder = TempFolder.Create();
        var locked = folder.MakeFolder("a", "locked");
        await File.WriteAllTextAsync(Path.Combine(locked, "file"), "x", Cancel);
        File.SetUnixFileMode(Path.Combine(locked, "file"), UnixFileMode.UserRead);
        File.SetUnixFileMode(locked, UnixFileMode.None);

        await folder.DisposeAsync();

        Directory.Exists(folder.Path).ShouldBeFalse();
    }

    [Fact]
    public async Task A_link_out_of_the_folder_is_removed_and_its_target_stays()
    {
        await using var outside = TempFolder.Create();
        var kept = outside.Below("kept");
        await File.WriteAllTextAsync(kept, "x", Cancel);
        var folder = TempFolder.Create();
        Directory.CreateSymbolicLink(folder.Below("link"), outside.Path);

        await folder.DisposeAsync();

        File.Exists(kept).ShouldBeTrue();
    }

    [Fact]
    public async Task Two_folders_never_meet()
    {
        await using var one = TempFolder.Create();
        await using var other = TempFolder.Create();

        one.Path.ShouldNotBe(other.Path);
    }

    [Fact]
    public void The_mount_table_lists_what_lies_below()
    {
        MountTable.PointsBelow("/").ShouldContain("/proc");
        MountTable.PointsBelow("/proc").ShouldNotContain("/");
    }
}

using Pier.Volumes.Fuse.Device;

namespace Pier.UnitTests.Volumes.Fuse;

/// <summary>What is whose where several mounts lie on one folder, by tables of them: what others mount over a volume hides it there, and nowhere else.</summary>
public sealed class MountedFoldersTests
{
    private static readonly MountedFolder Root = new("1", "0", "8:1", "/", "/", IsPropagated: true, "ext4", "/dev/sda1");
    private static readonly MountedFolder Ours = Root with { Id = "2", Parent = "1", Device = "0:50", Folder = "/mnt", Type = MountPoint.FileSystemType, Source = "pier:data" };
    private static readonly MountedFolder Bound = Ours with { Id = "3", Folder = "/bound" };
    private static readonly MountedFolder Foreign = Root with { Id = "4", Parent = "2", Root = "/x", Folder = "/mnt" };
    private static readonly MountedFolder Again = Ours with { Id = "5", Parent = "4", Device = "0:51" };

    [Fact]
    public void Ours_is_found_beneath_what_somebody_else_has_mounted_over_it()
    {
        var table = new MountedFolders([Root, Ours, Foreign]);
        table.OursAt("/mnt").ShouldBe(Ours);
        table.OnTop("/mnt").ShouldBe(Foreign);
        table.CoverOf("/mnt").ShouldBe(Foreign);
    }

    [Fact]
    public void Ours_that_was_mounted_over_a_foreign_one_is_the_last_and_lies_open()
    {
        var table = new MountedFolders([Root, Ours, Foreign, Again]);
        table.OursAt("/mnt").ShouldBe(Again);
        table.CoverOf("/mnt").ShouldBeNull();
    }

    [Fact]
    public void Where_nothing_is_ours_nothing_is_covered()
    {
        var table = new MountedFolders([Root, Foreign]);
        table.OursAt("/mnt").ShouldBeNull();
        table.CoverOf("/mnt").ShouldBeNull();
        table.OursAt("/bound").ShouldBeNull();
    }

    [Theory]
    [InlineData("/bound", true)]
    [InlineData("/bound/file", true)]
    [InlineData("/", true)]
    [InlineData("/mnt", false)]
    [InlineData("/mnt/file", false)]
    [InlineData("/elsewhere", false)]
    public void A_covered_volume_is_still_met_where_it_is_bound_elsewhere(string path, bool isMet) =>
        new MountedFolders([Root, Ours, Bound, Foreign]).Meets(path, "/mnt").ShouldBe(isMet);

    [Fact]
    public void Who_walks_by_a_covered_volume_does_not_come_to_it() => new MountedFolders([Root, Ours, Foreign]).Meets("/", "/mnt").ShouldBeFalse();

    [Theory]
    [InlineData("/bound/file", true)]
    [InlineData("/bound", false)]
    [InlineData("/mnt/file", false)]
    public void What_lies_within_a_covered_volume_is_known_where_it_is_bound_elsewhere(string path, bool isWithin) =>
        new MountedFolders([Root, Ours, Bound, Foreign]).IsWithin(path, "/mnt").ShouldBe(isWithin);
}

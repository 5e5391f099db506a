using Pier.Volumes.Fuse.Device;

namespace Pier.UnitTests.Volumes.Fuse;

/// <summary>What somebody else has mounted over a volume's folder is no volume: the paths of that file system are anybody's.</summary>
public sealed class MountPointTests
{
    // A mount of every host, and none of ours; with a link in it, and nothing mounted below that.
    private const string Foreign = "/proc";
    private const string Link = "/proc/self";

    [Fact]
    public void A_foreign_mount_on_a_volumes_folder_makes_nothing_part_of_the_volume()
    {
        MountPoint.IsMounted(Foreign).ShouldBeTrue();
        MountPoint.Meets($"{Foreign}/version", Foreign).ShouldBeFalse();
        MountPoint.IsWithin($"{Foreign}/version", Foreign).ShouldBeFalse();
    }

    [Fact]
    public void Links_on_a_foreign_mount_are_followed()
    {
        var real = RealPath.Of(Link);
        real.ShouldNotBe(Link);

        MountPoint.RealPathOutside(Link, [Foreign]).ShouldBe(real);
    }
}

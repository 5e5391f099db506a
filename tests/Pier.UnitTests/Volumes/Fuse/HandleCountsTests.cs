using Pier.TestKit.Files;
using Pier.Volumes.Fuse.Device;
using Pier.Volumes.Fuse.Serving;

namespace Pier.UnitTests.Volumes.Fuse;

/// <summary>What a server counted is there for the next, whatever end it had.</summary>
public sealed class HandleCountsTests : IAsyncDisposable
{
    private readonly TempFolder _home = TempFolder.Create("handles");

    private string Path => _home.Below("handles");

    [Fact]
    public void The_next_server_knows_which_handles_are_open_and_how()
    {
        using var killed = new HandleCounts(Path, resume: false);
        killed.Add(7, backing: 3);
        killed.Add(7, backing: 9);
        killed.Add(8, backing: 0);
        killed.Add(9, backing: 4);
        killed.Remove(9).ShouldBe(4);

        // Not disposed: a killed one is not either.
        using var next = new HandleCounts(Path, resume: true);
        next.Find(7).ShouldBe((2, 3));
        next.Find(8).ShouldBe((1, 0));
        next.Find(9).ShouldBeNull();
        next.Remove(7).ShouldBe(0, "another handle is open");
        next.Remove(7).ShouldBe(3);
        next.Remove(7).ShouldBe(0, "nobody knows of it");
        next.Add(10, backing: 5);
        using var third = new HandleCounts(Path, resume: true);
        (third.Find(7), third.Find(8), third.Find(10)).ShouldBe((null, (1, 0), (1, 5)));
    }

    [Fact]
    public void The_disk_has_room_for_all_of_it_from_the_start()
    {
        const int seekHole = 4;
        using var counts = new HandleCounts(Path, resume: false);
        using var file = File.OpenHandle(Path, share: FileShare.ReadWrite);
        Libc.lseek(file, 0, seekHole).ShouldBe(RandomAccess.GetLength(file));
        RandomAccess.GetLength(file).ShouldBe(HandleCounts.Capacity * 16L);
    }

    [Fact]
    public void A_new_mount_has_no_handles()
    {
        using (var before = new HandleCounts(Path, resume: false))
        {
            before.Add(7, backing: 3);
        }

        using var fresh = new HandleCounts(Path, resume: false);
        fresh.Find(7).ShouldBeNull();
        using var again = new HandleCounts(Path, resume: true);
        again.Find(7).ShouldBeNull();
    }

    [Fact]
    public void More_than_it_has_room_for_are_counted_by_this_server()
    {
        using var counts = new HandleCounts(Path, resume: false);
        for (var node = 1UL; node <= HandleCounts.Capacity + 10; node++)
        {
            counts.Add(node, backing: 1);
        }

        counts.Remove(HandleCounts.Capacity + 10).ShouldBe(1);
        counts.Remove(1).ShouldBe(1);
        counts.Add(99_999_999, backing: 2);
        using var next = new HandleCounts(Path, resume: true);
        next.Find(99_999_999).ShouldBe((1, 2), "in the place that was given back");
        next.Find(2).ShouldBe((1, 1));
    }

    [Fact]
    public void Without_a_next_server_nothing_is_written()
    {
        using var counts = new HandleCounts(null, resume: false);
        counts.Add(1, backing: 2);
        counts.Remove(1).ShouldBe(2);
        Directory.EnumerateFileSystemEntries(_home.Path).ShouldBeEmpty();
    }

    public ValueTask DisposeAsync() => _home.DisposeAsync();
}

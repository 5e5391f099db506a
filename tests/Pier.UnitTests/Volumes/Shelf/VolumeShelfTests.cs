using Pier.Content.Contracts;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Trees;
using Pier.Volumes.Shelf;
using Pier.Volumes.Specs;

namespace Pier.UnitTests.Volumes.Shelf;

/// <summary>Volumes are made, shared, kept over restarts and removed, and content is opened once.</summary>
public sealed class VolumeShelfTests : IAsyncDisposable
{
    private const string Magnet = "magnet:?xt=urn:btih:0123456789012345678901234567890123456789";

    private readonly TempFolder _home = TempFolder.Create("volumes");
    private readonly FakeTrees _trees = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Root => _home.Below("volumes");

    [Fact]
    public async Task Users_share_one_mount_and_the_last_ends_it()
    {
        await using var shelf = await _trees.StartAsync(Root);
        await CreateAsync(shelf, "data", ("uid", "7"), ("patience", "9"));

        var first = await shelf.MountAsync("data", "one", Token);
        var second = await shelf.MountAsync("data", "two", Token);
        await shelf.MountAsync("data", "two", Token);

        second.ShouldBe(first);
        _trees.Opened.Count.ShouldBe(1);
        _trees.Mounted.ShouldHaveSingleItem().Value.Options.ShouldSatisfyAllConditions(
            options => options.Uid.ShouldBe(7u), options => options.Patience.ShouldBe(TimeSpan.FromSeconds(9)), options => options.TotalBytes.ShouldBe(4000));
        var status = shelf.Find("data")!;
        (status.Mountpoint, status.Users.Count, status.Arrival!.Here, status.Waiting).ShouldBe((first, 2, 1000, 3));
        await shelf.UnmountAsync("data", "one", Token);
        _trees.Mounted.Count.ShouldBe(1);
        await shelf.UnmountAsync("data", "two", Token);
        _trees.Mounted.ShouldBeEmpty();
        _trees.Closed.ShouldBe(0, "it is seeded on");
        await shelf.UnmountAsync("data", "nobody", Token);
    }

    [Fact]
    public async Task One_that_does_not_seed_is_closed_with_its_last_user()
    {
        await using var shelf = await _trees.StartAsync(Root);
        await CreateAsync(shelf, "data", ("seed", "false"));
        await shelf.MountAsync("data", "one", Token);
        await shelf.UnmountAsync("data", "one", Token);
        _trees.Closed.ShouldBe(1);
        await shelf.MountAsync("data", "one", Token);
        _trees.Opened.Count.ShouldBe(2);
    }

    [Fact]
    public async Task One_in_use_stays()
    {
        await using var shelf = await _trees.StartAsync(Root);
        await CreateAsync(shelf, "data");
        await shelf.MountAsync("data", "one", Token);
        (await Should.ThrowAsync<ContentInUseException>(() => shelf.RemoveAsync("data", force: false, Token))).Message.ShouldContain("1 users");
        _trees.IsBusy = true;
        (await Should.ThrowAsync<ContentInUseException>(() => shelf.UnmountAsync("data", "one", Token))).Message.ShouldContain("1 files of it are open");
        shelf.Find("data")!.Users.ShouldBe(["one"]);
        await shelf.RemoveAsync("data", force: true, Token);
        _trees.Mounted.ShouldBeEmpty();
        shelf.Find("data").ShouldBeNull();
    }

    [Fact]
    public async Task The_same_again_changes_nothing_and_another_is_refused()
    {
        await using var shelf = await _trees.StartAsync(Root);
        await CreateAsync(shelf, "data");
        await CreateAsync(shelf, "data");
        await Should.ThrowAsync<ContentInUseException>(() => CreateAsync(shelf, "data", ("uid", "5")));
        await Should.ThrowAsync<ContentInUseException>(() => shelf.CreateAsync("data", new Dictionary<string, string> { ["source"] = Magnet }, "/mnt/x", Token));
        await shelf.CreateAsync("own", new Dictionary<string, string> { ["source"] = Magnet }, "/mnt/x", Token);
        (await Should.ThrowAsync<ContentInUseException>(() => shelf.CreateAsync("other", new Dictionary<string, string> { ["source"] = Magnet }, "/mnt/x", Token)))
            .Message.ShouldContain("'own'");
        await Should.ThrowAsync<VolumeOptionException>(() => CreateAsync(shelf, "../x"));
        shelf.List().Select(volume => volume.Name).ShouldBe(["data", "own"]);
        await Should.ThrowAsync<ContentNotFoundException>(() => shelf.MountAsync("none", "one", Token));
    }

    [Fact]
    public async Task A_folder_is_the_same_by_whatever_links()
    {
        await using var shelf = await _trees.StartAsync(Root);
        var options = new Dictionary<string, string> { ["source"] = Magnet };
        var folder = _home.MakeFolder("data");
        var link = _home.Below("link");
        File.CreateSymbolicLink(link, folder);
        await shelf.CreateAsync("own", options, folder, Token);
        (await Should.ThrowAsync<ContentInUseException>(() => shelf.CreateAsync("other", options, link, Token))).Message.ShouldContain("'own'");
        await shelf.CreateAsync("own", options, link, Token);
        shelf.List().ShouldHaveSingleItem();
        await shelf.CreateAsync("below", options, Path.Combine(link, "mnt"), Token);
        shelf.Find("below")!.Target.ShouldBe(Path.Combine(shelf.Find("own")!.Target!, "mnt"), "a link that changes does not move it");
    }

    [Fact]
    public async Task What_was_mounted_is_mounted_again_after_a_restart()
    {
        await using (var before = await _trees.StartAsync(Root))
        {
            await CreateAsync(before, "used");
            await CreateAsync(before, "idle");
            await before.MountAsync("used", "one", Token);
        }

        _trees.Mounted.ShouldBeEmpty("a daemon that stops leaves nothing that hangs");
        await File.WriteAllTextAsync(Directory.CreateDirectory(Path.Combine(Root, "torn")).FullName + "/volume.json", "{ torn", Token);
        await using var after = await _trees.StartAsync(Root);
        await Eventually.TrueAsync(() => _trees.Mounted.Count == 1, "the mount is back", Eventually.Patience, Token);

        after.List().Select(volume => (volume.Name, volume.Users.Count)).ShouldBe([("idle", 0), ("used", 1)]);
        _trees.Cleared.ShouldHaveSingleItem("what a killed daemon left of one that nobody uses is ended; mounting the other sees to it");
        (await after.MountAsync("used", "one", Token)).ShouldBe(_trees.Mounted.Keys.Single());
        Directory.Exists(Path.Combine(Root, "torn")).ShouldBeTrue();
    }

    [Fact]
    public async Task What_can_be_left_is_left_to_the_next_daemon_when_somebody_uses_it()
    {
        _trees.Keeps = true;
        await using (var before = await _trees.StartAsync(Root))
        {
            await CreateAsync(before, "used");
            await CreateAsync(before, "idle");
            await before.MountAsync("used", "one", Token);
            await before.MountAsync("idle", "two", Token);
            await before.UnmountAsync("idle", "two", Token);
        }

        _trees.Left.ShouldBe([Path.Combine(Root, "used", "mount")]);
        _trees.Mounted.Keys.ShouldBe(_trees.Left);
    }

    [Fact]
    public async Task Content_that_cannot_be_had_is_told_and_tried_again()
    {
        _trees.Found = Task.FromException(new ContentUnavailableException("no peer has it"));
        await using var shelf = await _trees.StartAsync(Root);
        await CreateAsync(shelf, "data");
        (await Should.ThrowAsync<ContentUnavailableException>(() => shelf.MountAsync("data", "one", Token))).Message.ShouldBe("no peer has it");
        shelf.Find("data")!.ShouldSatisfyAllConditions(status => status.Failures.ShouldBe(["no peer has it"]), status => status.Users.ShouldBeEmpty());
        _trees.Found = Task.CompletedTask;
        await shelf.MountAsync("data", "one", Token);
        shelf.Find("data")!.Failures.ShouldBeEmpty();
    }

    [Fact]
    public async Task Full_ones_and_globs_are_fetched_at_once()
    {
        await using var shelf = await _trees.StartAsync(Root);
        await CreateAsync(shelf, "full", ("mode", "full"));
        await CreateAsync(shelf, "some", ("prefetch", "**/*.idx"));
        await Eventually.TrueAsync(() => _trees.Wanted.Count == 2, "both are wanted", Eventually.Patience, Token);
        _trees.Wanted.ShouldBe([null, "**/*.idx"], ignoreOrder: true);
        await shelf.PrefetchAsync("some", "x", Token);
        _trees.Wanted.ShouldContain("x");
    }

    [Fact]
    public async Task A_file_is_held_against_its_digest_before_anybody_sees_it()
    {
        await using var shelf = await _trees.StartAsync(Root);
        await CreateAsync(shelf, "many", ("mode", "full"), ("sha256", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([1, 2, 3]))));
        (await Should.ThrowAsync<ContentFormatException>(() => shelf.MountAsync("many", "one", Token))).Message.ShouldContain("not a single file");
        _trees.Tree = new MemoryTree([new("a.bin", [1, 2, 3])]);
        await shelf.MountAsync("many", "one", Token);
        await shelf.UnmountAsync("many", "one", Token);
        _trees.Tree = new MemoryTree([new("a.bin", [1, 2, 4])]);
        (await Should.ThrowAsync<ContentMismatchException>(() => shelf.MountAsync("many", "one", Token))).Message.ShouldContain("a.bin");
        _trees.Mounted.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_subpath_is_a_tree_of_its_own()
    {
        await using var shelf = await _trees.StartAsync(Root);
        await CreateAsync(shelf, "part", ("subpath", "d"));
        await shelf.MountAsync("part", "one", Token);
        var tree = _trees.Mounted.Values.Single().Tree;
        var root = (await tree.FindAsync(tree.Root, Token))!;
        (root.Id, root.Kind).ShouldBe((1UL, TreeNodeKind.Directory));
        var below = await tree.ReadDirectoryAsync(tree.Root, Token).SingleAsync(Token);
        below.Name.ShouldBe("e");
        (await tree.LookupAsync(tree.Root, "e", Token)).ShouldBe(below);
        (await tree.FindAsync(below.Id, Token))!.Size.ShouldBe(1);
        await CreateAsync(shelf, "none", ("subpath", "d/x"));
        await Should.ThrowAsync<ContentNotFoundException>(() => shelf.MountAsync("none", "one", Token));
        await CreateAsync(shelf, "file", ("subpath", "a.bin"));
        (await Should.ThrowAsync<ContentNotFoundException>(() => shelf.MountAsync("file", "one", Token))).Message.ShouldContain("no folder");
    }

    [Fact]
    public async Task One_that_cannot_be_removed_from_the_disk_is_removed_the_next_time()
    {
        await using (var shelf = await _trees.StartAsync(Root))
        {
            await CreateAsync(shelf, "data");
            await shelf.MountAsync("data", "one", Token);
            var theirs = Directory.CreateDirectory(Path.Combine(Root, "data", "lower", "theirs")).FullName;
            await Should.ThrowAsync<ContentStorageException>(() => shelf.RemoveAsync("data", force: true, Token));
            File.Exists(Path.Combine(Root, "data", "volume.json")).ShouldBeTrue();
            (await Should.ThrowAsync<ContentNotFoundException>(() => shelf.MountAsync("data", "one", Token))).Message.ShouldContain("is being removed");
            await shelf.UnmountAsync("data", "one", Token);
            Directory.Delete(theirs);
            await shelf.RemoveAsync("data", force: true, Token);
            shelf.List().ShouldBeEmpty();
        }

        Directory.Exists(Path.Combine(Root, "data")).ShouldBeFalse();
    }

    [Fact]
    public async Task Whoever_waits_to_mount_what_is_removed_is_told_and_brings_nothing_back()
    {
        _trees.Keeps = true;
        await using var shelf = await _trees.StartAsync(Root);
        await CreateAsync(shelf, "data");
        await shelf.MountAsync("data", "one", Token);
        var released = new TaskCompletionSource();
        _trees.Ending = released.Task;

        var removing = shelf.RemoveAsync("data", force: true, Token);
        Task[] waiting = [shelf.MountAsync("data", "two", Token), shelf.MountAsync("data", "three", Token)];
        released.SetResult();

        await removing;
        foreach (var one in waiting)
        {
            await Should.ThrowAsync<ContentNotFoundException>(() => one);
        }

        (_trees.Left.Count, _trees.Mounted.Count).ShouldBe((0, 0));
        Directory.Exists(Path.Combine(Root, "data")).ShouldBeFalse();
    }

    [Fact]
    public async Task Content_goes_with_the_last_volume_that_shows_it()
    {
        await using var shelf = await _trees.StartAsync(Root);
        _trees.Folder = Directory.CreateDirectory(Path.Combine(Root, ".content", "abc")).FullName;
        await CreateAsync(shelf, "one");
        await CreateAsync(shelf, "two");
        await shelf.MountAsync("one", "u", Token);
        await shelf.MountAsync("two", "u", Token);
        await shelf.RemoveAsync("one", force: true, Token);
        Directory.Exists(_trees.Folder).ShouldBeTrue();
        await shelf.RemoveAsync("two", force: true, Token);
        Directory.Exists(_trees.Folder).ShouldBeFalse();
        Directory.EnumerateFileSystemEntries(Root).Select(Path.GetFileName).ShouldBe([".content"]);
        _trees.Closed.ShouldBe(2);
    }

    [Fact]
    public async Task Content_that_was_not_opened_since_a_restart_goes_too()
    {
        var content = Directory.CreateDirectory(Path.Combine(Root, ".content", "abc")).FullName;
        _trees.Folder = content;
        await using (var before = await _trees.StartAsync(Root))
        {
            foreach (var name in new[] { "one", "two" })
            {
                await CreateAsync(before, name, ("seed", "false"));
                await before.MountAsync(name, "u", Token);
                await before.UnmountAsync(name, "u", Token);
            }
        }

        await using var shelf = await _trees.StartAsync(Root);
        await shelf.RemoveAsync("one", force: false, Token);
        Directory.Exists(content).ShouldBeTrue("the other has it");
        await shelf.RemoveAsync("two", force: false, Token);
        Directory.Exists(content).ShouldBeFalse();
        Directory.EnumerateFileSystemEntries(Root).Select(Path.GetFileName).ShouldBe([".content"]);
    }

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    private static Task CreateAsync(VolumeShelf shelf, string name, params (string Name, string Value)[] options) => shelf.CreateAsync(
        name, options.Append(("source", Magnet)).ToDictionary(option => option.Item1, option => option.Item2), target: null, Token);
}

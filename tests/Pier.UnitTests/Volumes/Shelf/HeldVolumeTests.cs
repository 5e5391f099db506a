using Pier.Content.Contracts;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Volumes.Shelf;

/// <summary>A folder that is shown elsewhere too, or lies beneath another mount, is not unmounted; an engine's volume is, when the engine says so.</summary>
public sealed class HeldVolumeTests : IAsyncDisposable
{
    private static readonly Dictionary<string, string> Options = new() { ["source"] = "magnet:?xt=urn:btih:" + new string('a', 40) };

    private readonly TempFolder _home = TempFolder.Create("held");
    private readonly FakeTrees _trees = new() { Holders = ["7 (sh)", "8 (sh)"] };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_users_folder_is_not_unmounted_while_others_show_it()
    {
        await using var shelf = await _trees.StartAsync(_home.Path);
        var target = _home.MakeFolder("target");
        await shelf.CreateAsync("data", Options, target, Token);
        await shelf.MountAsync("data", "one", Token);

        (await Should.ThrowAsync<ContentInUseException>(() => shelf.UnmountAsync("data", "one", Token))).Message.ShouldContain("by process 7 (sh), 8 (sh). ");
        _trees.Mounted.ShouldContainKey(target);
        shelf.Find("data")!.Users.ShouldBe(["one"]);

        _trees.Holders = [];
        await shelf.UnmountAsync("data", "one", Token);
        _trees.Mounted.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_engine_and_who_forces_it_are_believed()
    {
        await using var shelf = await _trees.StartAsync(_home.Path);
        await shelf.CreateAsync("engines", Options, target: null, Token);
        await shelf.MountAsync("engines", "one", Token);
        await shelf.UnmountAsync("engines", "one", Token);
        await shelf.CreateAsync("users", Options, _home.MakeFolder("target"), Token);
        await shelf.MountAsync("users", "one", Token);
        await shelf.RemoveAsync("users", force: true, Token);
        _trees.Mounted.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nobody_unmounts_what_somebody_else_has_mounted_over_and_all_are_told_what_lies_there(bool isEngines)
    {
        _trees.Holders = [];
        await using var shelf = await _trees.StartAsync(_home.Path);
        await shelf.CreateAsync("data", Options, isEngines ? null : _home.MakeFolder("target"), Token);
        var folder = await shelf.MountAsync("data", "one", Token);
        _trees.Cover = "ext4, /x of /dev/sda1";

        foreach (var ending in new Func<Task>[] { () => shelf.UnmountAsync("data", "one", Token), () => shelf.RemoveAsync("data", force: true, Token) })
        {
            (await Should.ThrowAsync<ContentInUseException>(ending)).Message.ShouldEndWith($"(ext4, /x of /dev/sda1). End that first: umount {folder}");
        }

        _trees.Mounted.ShouldContainKey(folder);
        _trees.Cover = null;
        await shelf.UnmountAsync("data", "one", Token);
        _trees.Mounted.ShouldBeEmpty();
    }

    public ValueTask DisposeAsync() => _home.DisposeAsync();
}

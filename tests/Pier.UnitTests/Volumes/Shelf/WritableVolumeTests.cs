using Pier.Content.Contracts;
using Pier.TestKit.Files;
using Pier.TestKit.Trees;
using Pier.Volumes.Shelf;
using Pier.Volumes.Specs;

namespace Pier.UnitTests.Volumes.Shelf;

/// <summary>Writable volumes keep what was written apart from their content, publish both as one, and forget it when told.</summary>
public sealed class WritableVolumeTests : IAsyncDisposable
{
    private const string Magnet = "magnet:?xt=urn:btih:0123456789012345678901234567890123456789";

    private readonly TempFolder _home = TempFolder.Create("volumes");
    private readonly FakeTrees _trees = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Content_is_mounted_below_and_what_was_written_stays_over_it()
    {
        await using var shelf = await CreateAsync("data");
        var shown = await shelf.MountAsync("data", "one", Token);
        var written = _trees.Writable.ShouldHaveSingleItem().Value;
        _trees.Writable.Keys.ShouldBe([shown]);
        _trees.Mounted.Keys.ShouldBe([written.Lower]);
        File.GetUnixFileMode(written.Upper).ShouldBe((UnixFileMode)0x1e8, "0755 less the umask");
        await File.WriteAllTextAsync(Path.Combine(written.Upper, "new"), "new", Token);
        await File.WriteAllTextAsync(Path.Combine(_home.Below("volumes"), "data", "written.img.new"), "torn by a crash", Token);

        await Should.ThrowAsync<ContentInUseException>(() => shelf.ResetAsync("data", Token));
        await shelf.UnmountAsync("data", "one", Token);
        _trees.Mounted.ShouldBeEmpty();
        await shelf.MountAsync("data", "two", Token);
        File.Exists(Path.Combine(written.Upper, "new")).ShouldBeTrue();
        await shelf.UnmountAsync("data", "two", Token);
        await shelf.ResetAsync("data", Token);
        Path.Exists(written.Upper).ShouldBeFalse();
        await shelf.RemoveAsync("data", force: false, Token);
        Directory.EnumerateFileSystemEntries(_home.Below("volumes")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_snapshot_is_content_and_what_was_written_as_one()
    {
        _trees.Tree = new MemoryTree([new("a", "a"u8.ToArray()), new("d/e", "e"u8.ToArray(), Mode: 0x1ed), new("d/f", "f"u8.ToArray()), new("l", Link: "d/e", Mode: 0x1ff)]);
        await using var shelf = await CreateAsync("data");
        await shelf.MountAsync("data", "one", Token);
        var upper = _trees.Writable.Values.Single().Upper;
        await File.WriteAllTextAsync(Path.Combine(upper, "a"), "changed", Token);
        Directory.CreateDirectory(Path.Combine(upper, "d"));
        await File.WriteAllTextAsync(Path.Combine(upper, "d", "g"), "g", Token);

        var snapshot = await shelf.SnapshotAsync("data", "title", Token);

        Path.GetFileName(snapshot).ShouldBe("title");
        _trees.Wanted.ShouldContain((string?)null, "all of it must be here");
        Directory.EnumerateFiles(snapshot, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => $"{Path.GetRelativePath(snapshot, file)}={File.ReadAllText(file)}").ShouldBe(["a=changed", "d/e=e", "d/f=f", "d/g=g", "l=e"]);
        new FileInfo(Path.Combine(snapshot, "l")).LinkTarget.ShouldBe("d/e");
        File.GetUnixFileMode(Path.Combine(snapshot, "d/e")).HasFlag(UnixFileMode.OtherExecute).ShouldBeTrue();
        File.GetUnixFileMode(Path.Combine(snapshot, "d/f")).HasFlag(UnixFileMode.UserExecute).ShouldBeFalse();
        shelf.RemoveSnapshot(_home.Path);
        shelf.RemoveSnapshot(snapshot);
        Path.Exists(Path.GetDirectoryName(snapshot)).ShouldBeFalse();
        Directory.Exists(_home.Path).ShouldBeTrue("folders of others stay");
    }

    [Fact]
    public async Task Snapshots_that_were_never_published_go_at_the_start()
    {
        string published, kept;
        await using (var before = await CreateAsync("data"))
        {
            published = await before.SnapshotAsync("data", null, Token);
            (kept = await before.SnapshotAsync("data", null, Token)).ShouldNotBe(published);
            before.KeepSnapshot(kept);
            await before.SnapshotAsync("data", null, Token);
        }

        await using var after = await _trees.StartAsync(_home.Below("volumes"));
        after.SweepSnapshots([published]);

        Directory.GetDirectories(_home.Below("volumes", ".snapshots")).ShouldBe([Path.GetDirectoryName(published)!, Path.GetDirectoryName(kept)!], ignoreOrder: true);
        after.SweepSnapshots([]);
        Directory.GetDirectories(_home.Below("volumes", ".snapshots")).Length.ShouldBe(2, "they are published, whoever still names them");
        File.Exists(Path.Combine(published, "a.bin")).ShouldBeTrue();
    }

    [Fact]
    public async Task One_that_is_read_only_has_nothing_to_publish_or_forget()
    {
        await using var shelf = await _trees.StartAsync(_home.Below("volumes"));
        await shelf.CreateAsync("data", new Dictionary<string, string> { ["source"] = Magnet }, target: null, Token);
        (await Should.ThrowAsync<VolumeOptionException>(() => shelf.SnapshotAsync("data", null, Token))).Message.ShouldContain("read-only");
        await Should.ThrowAsync<VolumeOptionException>(() => shelf.ResetAsync("data", Token));
        await Should.ThrowAsync<VolumeOptionException>(() => shelf.SnapshotAsync("data", "../x", Token));
    }

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    private async Task<VolumeShelf> CreateAsync(string name)
    {
        var shelf = await _trees.StartAsync(_home.Below("volumes"));
        await shelf.CreateAsync(name, new Dictionary<string, string> { ["source"] = Magnet, ["writable"] = "true", ["umask"] = "027" }, target: null, Token);
        return shelf;
    }
}

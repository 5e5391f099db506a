using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Storage;
using Pier.TestKit.Files;

namespace Pier.UnitTests.BitTorrent.Storage;

/// <summary>Files that are somebody else's are read and nothing more.</summary>
public sealed class ReadOnlyTreeTests : IAsyncLifetime
{
    private const int WriteBits = 3;

    private readonly TempFolder _folder = TempFolder.Create("read-only");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task What_is_there_is_opened_for_reading_and_its_folder_not_touched()
    {
        var tree = _folder.MakeFolder("tree");
        var same = Path.Combine(tree, "same");
        await File.WriteAllBytesAsync(same, new byte[100_000], Cancel);
        await File.WriteAllTextAsync(Path.Combine(tree, "changed"), "before", Cancel);
        var metainfo = await TorrentBuilder.CreateAsync(tree, new TorrentCreationOptions(), progress: null, Cancel);
        await File.WriteAllTextAsync(Path.Combine(tree, "changed"), "after!", Cancel);
        var changed = Directory.GetLastWriteTimeUtc(tree);

        await using (var storage = await FileTreeStorage.OpenAsync(metainfo, tree, new FileTreeOptions { IsReadOnly = true }, Cancel))
        {
            var file = metainfo.Files.Single(entry => entry.Path[^1] == "same");
            storage.Held.Sum(range => range.Length).ShouldBeGreaterThanOrEqualTo(file.Length);
            var bytes = new byte[file.Length];
            await storage.ReadAsync(file.Offset, bytes, Cancel);
            bytes.ShouldBe(await File.ReadAllBytesAsync(same, Cancel));
            FlagsOf(same).ShouldNotBeEmpty();
            FlagsOf(same).ShouldAllBe(flags => (flags & WriteBits) == 0);
            await storage.SelectAsync(FileChoice.None.Resolve(metainfo), Cancel);
            await storage.CompleteAsync(Cancel);
        }

        Directory.GetLastWriteTimeUtc(tree).ShouldBe(changed, "no file was made there, not for a moment");
        (await File.ReadAllTextAsync(Path.Combine(tree, "changed"), Cancel)).ShouldBe("after!");
    }

    /// <summary>How this process has a file open (proc(5), fdinfo; open(2)).</summary>
    private static int[] FlagsOf(string path) => [.. Directory.GetFileSystemEntries("/proc/self/fd")
        .Where(entry => new FileInfo(entry).LinkTarget == path)
        .Select(entry => File.ReadAllLines($"/proc/self/fdinfo/{Path.GetFileName(entry)}").Single(line => line.StartsWith("flags:", StringComparison.Ordinal)))
        .Select(line => Convert.ToInt32(line["flags:".Length..].Trim(), 8))];
}

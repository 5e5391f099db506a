using System.Diagnostics;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Storage;
using Pier.TestKit.Files;

namespace Pier.UnitTests.BitTorrent.Storage;

/// <summary>Files that are somebody else's are read and nothing more.</summary>
public sealed class ReadOnlyTreeTests : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.Create("read-only");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task A_program_that_runs_is_served_and_its_folder_not_touched()
    {
        var tree = _folder.MakeFolder("tree");
        var program = Path.Combine(tree, "sleep");
        File.Copy("/bin/sleep", program);
        await File.WriteAllTextAsync(Path.Combine(tree, "changed"), "before", Cancel);
        var metainfo = await TorrentBuilder.CreateAsync(tree, new TorrentCreationOptions(), progress: null, Cancel);
        await File.WriteAllTextAsync(Path.Combine(tree, "changed"), "after!", Cancel);
        // Whoever opens a running program for writing is refused (ETXTBSY), root included.
        using var running = Process.Start(new ProcessStartInfo(program, ["1000"]))!;
        var changed = Directory.GetLastWriteTimeUtc(tree);
        try
        {
            await using var storage = await FileTreeStorage.OpenAsync(metainfo, tree, new FileTreeOptions { IsReadOnly = true }, Cancel);

            var file = metainfo.Files.Select((file, index) => (file, index)).Single(entry => entry.file.Path[^1] == "sleep");
            storage.Held.Sum(range => range.Length).ShouldBeGreaterThanOrEqualTo(file.file.Length);
            var bytes = new byte[file.file.Length];
            await storage.ReadAsync(file.file.Offset, bytes, Cancel);
            bytes.ShouldBe(await File.ReadAllBytesAsync("/bin/sleep", Cancel));
            await storage.SelectAsync(FileChoice.None.Resolve(metainfo), Cancel);
            await storage.CompleteAsync(Cancel);
        }
        finally
        {
            running.Kill();
            await running.WaitForExitAsync(Cancel);
        }

        Directory.GetLastWriteTimeUtc(tree).ShouldBe(changed, "no file was made there, not for a moment");
        (await File.ReadAllTextAsync(Path.Combine(tree, "changed"), Cancel)).ShouldBe("after!");
    }
}

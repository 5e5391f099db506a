using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Storage;

/// <summary>Others who may write where a torrent is stored cannot lead it astray, and a disk that fills up loses nothing.</summary>
public sealed class HostileFolderTests : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.Create("hostile");
    private SampleTree _tree = null!;
    private string _outside = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Target => _folder.Below("got");

    public async ValueTask InitializeAsync()
    {
        _tree = await SampleTree.CreateAsync(_folder, TorrentFormat.V1, Token);
        _outside = _folder.MakeFolder("outside");
        await File.WriteAllTextAsync(Path.Combine(_outside, "secret"), "mine", Token);
    }

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task A_folder_that_becomes_a_link_while_it_is_written_is_not_followed()
    {
        await using var storage = await OpenAsync();
        await WriteAsync(storage, _tree.PiecesOf("b/b.bin").First());
        // The only file that may be open is another now.
        await WriteAsync(storage, _tree.PiecesOf("z.bin").Last());
        Directory.Delete(Path.Combine(Target, "b"), recursive: true);
        Directory.CreateSymbolicLink(Path.Combine(Target, "b"), _outside);

        await Should.ThrowAsync<IOException>(() => WriteAsync(storage, _tree.PiecesOf("b/b.bin").Last()));
        await Should.ThrowAsync<IOException>(async () => await storage.CompleteAsync(Token));

        OutsideIsUntouched();
    }

    [Fact]
    public async Task A_link_that_waits_under_a_files_final_name_is_replaced_and_not_followed()
    {
        await using var storage = await OpenAsync();
        for (var piece = 0; piece < _tree.Torrent.PieceCount; piece++)
        {
            await WriteAsync(storage, piece);
        }

        File.CreateSymbolicLink(Path.Combine(Target, "a.bin"), Path.Combine(_outside, "secret"));
        await storage.CompleteAsync(Token);

        OutsideIsUntouched();
        new FileInfo(Path.Combine(Target, "a.bin")).LinkTarget.ShouldBeNull();
        (await File.ReadAllBytesAsync(Path.Combine(Target, "a.bin"), Token)).ShouldBe(SampleTree.Bytes("a.bin"));
    }

    [Theory]
    [InlineData("a.bin")]
    [InlineData("a.bin.pier-part")]
    public async Task A_link_in_a_files_place_is_refused(string name)
    {
        Directory.CreateDirectory(Target);
        File.CreateSymbolicLink(Path.Combine(Target, name), Path.Combine(_outside, "secret"));

        await Should.ThrowAsync<IOException>(async () => await OpenAsync());

        OutsideIsUntouched();
    }

    [Theory]
    [InlineData("a.bin")]
    [InlineData("a.bin.pier-part")]
    public async Task A_pipe_in_a_files_place_is_refused_and_not_waited_for(string name)
    {
        Directory.CreateDirectory(Target);
        (await Command.RunAsync("mkfifo", [Path.Combine(Target, name)], Token)).OrThrow();

        var refused = await Should.ThrowAsync<IOException>(() => OpenAsync().WaitAsync(Engines.Deadline, Token));

        refused.Message.ShouldContain("no plain file");
    }

    [Fact]
    public async Task A_disk_that_fills_up_stops_the_torrent_and_what_was_stored_is_there_when_it_goes_on()
    {
        await using var disk = await TinyTmpfs.MountAsync(400 << 10, Token);
        await using var engines = new Engines();
        var seeder = await engines.StartAsync();
        await seeder.AddAsync(SwarmSpec.For(_tree.Torrent, (torrent, token) =>
            FileTreeStorage.OpenAsync(torrent, _tree.Folder, new FileTreeOptions { IsSealed = true }, token)), Token);
        var leecher = await engines.StartAsync();
        FileTreeStorage? opened = null;
        var spec = SwarmSpec.For(_tree.Torrent, async (torrent, token) => opened = (FileTreeStorage)await FileTreeStorage.OpenAsync(
            torrent, Path.Combine(disk.Path, "got"), new FileTreeOptions { ResumeFile = Path.Combine(disk.Path, "resume") }, token)) with
        {
            Peers = [seeder.ListenEndPoint],
        };

        var full = await leecher.AddAsync(spec, Token);
        var failure = await Should.ThrowAsync<SwarmException>(() => full.Completion.WaitAsync(Engines.Deadline, Token));
        failure.InnerException.ShouldBeOfType<IOException>().Message.ShouldContain("No space left");
        await leecher.RemoveAsync(full);
        (await Command.RunAsync("mount", ["-o", "remount,size=2m", disk.Path], Token)).OrThrow();

        var again = await leecher.AddAsync(spec with { Peers = [seeder.ListenEndPoint] }, Token);
        await again.Completion.WaitAsync(Engines.Deadline, Token);

        opened!.Held.Count.ShouldBeInRange(4, _tree.Torrent.PieceCount - 1);
        foreach (var (path, _) in SampleTree.Files)
        {
            (await File.ReadAllBytesAsync(Path.Combine(disk.Path, "got", path), Token)).ShouldBe(SampleTree.Bytes(path), path);
        }
    }

    private async Task<FileTreeStorage> OpenAsync() =>
        (FileTreeStorage)await FileTreeStorage.OpenAsync(_tree.Torrent, Target, new FileTreeOptions { MaxOpenFiles = 1 }, Token);

    private async Task WriteAsync(FileTreeStorage storage, int piece) =>
        await storage.WriteAsync(piece * (long)SampleTree.PieceLength, _tree.Piece(piece), Token);

    private void OutsideIsUntouched()
    {
        Directory.GetFileSystemEntries(_outside).Select(Path.GetFileName).ShouldBe(["secret"]);
        File.ReadAllText(Path.Combine(_outside, "secret")).ShouldBe("mine");
    }
}

using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Storage;
using Pier.TestKit.Files;

namespace Pier.UnitTests.BitTorrent.Storage;

/// <summary>Files that are not wanted: not made, though pieces that they share bring some of their bytes.</summary>
public sealed class FileSelectionTests : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.Create();
    private SampleTree _tree = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Target => _folder.Below("got");

    public async ValueTask InitializeAsync() => _tree = await SampleTree.CreateAsync(_folder, TorrentFormat.V1, Token);

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task Only_wanted_files_are_made_and_the_rest_of_shared_pieces_lies_aside()
    {
        await using var storage = await OpenAsync("b/b.bin");
        await WriteAsync(storage, _tree.PiecesOf("b/b.bin"));
        foreach (var piece in _tree.PiecesOf("b/b.bin"))
        {
            var read = new byte[_tree.Piece(piece).Length];
            await storage.ReadAsync(piece * (long)SampleTree.PieceLength, read, Token);
            read.AsSpan().SequenceEqual(_tree.Piece(piece).Span).ShouldBeTrue("peers get whole pieces");
        }

        await storage.CompleteAsync(Token);

        Made().ShouldBe(["b/b.bin"]);
        Aside().Length.ShouldBe(1);
        (await File.ReadAllBytesAsync(Path.Combine(Target, "b/b.bin"), Token)).ShouldBe(SampleTree.Bytes("b/b.bin"));
    }

    [Fact]
    public async Task What_lay_aside_is_found_again_and_goes_into_its_file_once_that_is_wanted()
    {
        await using (var first = await OpenAsync("b/b.bin"))
        {
            await WriteAsync(first, _tree.PiecesOf("b/b.bin"));
            await first.CompleteAsync(Token);
        }

        await using var storage = await OpenAsync("b/b.bin");
        storage.Held.Count.ShouldBe(_tree.PiecesOf("b/b.bin").Count());
        storage.HashedPieces.ShouldBe(storage.Held.Count, "holes are not hashed");
        await SelectAsync(storage, FileChoice.All);
        await WriteAsync(storage, Enumerable.Range(0, _tree.Torrent.PieceCount).Except(_tree.PiecesOf("b/b.bin")));
        await storage.CompleteAsync(Token);

        Aside().ShouldBeEmpty();
        foreach (var (path, _) in SampleTree.Files)
        {
            (await File.ReadAllBytesAsync(Path.Combine(Target, path), Token)).ShouldBe(SampleTree.Bytes(path), path);
        }
    }

    [Fact]
    public async Task A_piece_that_is_a_files_own_makes_the_file_wanted_or_not()
    {
        await using var storage = await OpenAsync("z.bin");
        var pieces = _tree.PiecesOf("a.bin").ToArray();
        await WriteAsync(storage, pieces);
        var read = new byte[200_001];
        await storage.ReadAsync(0, read, Token);

        read.ShouldBe(SampleTree.Bytes("a.bin"));
        Directory.GetFiles(Target).Select(Path.GetFileName).ShouldContain("a.bin.pier-part");
    }

    [Fact]
    public async Task Files_are_sparse()
    {
        await using var storage = await OpenAsync("**");
        await WriteAsync(storage, [_tree.PiecesOf("z.bin").Last()]);

        var part = Path.Combine(Target, "z.bin.pier-part");
        new FileInfo(part).Length.ShouldBe(150_000);
        (await Sizes.OnDiskAsync(part, Token)).ShouldBeLessThanOrEqualTo(2 * SampleTree.PieceLength);
    }

    [Fact]
    public async Task A_file_that_is_called_like_an_unfinished_one_is_refused()
    {
        var source = _folder.MakeFolder("odd");
        await File.WriteAllBytesAsync(Path.Combine(source, "x"), [1], Token);
        await File.WriteAllBytesAsync(Path.Combine(source, "x.pier-part"), [2], Token);
        var torrent = await TorrentBuilder.CreateAsync(source, new TorrentCreationOptions(), null, Token);

        var refused = await Should.ThrowAsync<Pier.BitTorrent.Torrents.MetainfoException>(
            async () => await FileTreeStorage.OpenAsync(torrent, Target, new FileTreeOptions(), Token));
        refused.Message.ShouldContain("'x.pier-part'");
    }

    private async Task<FileTreeStorage> OpenAsync(string wanted)
    {
        var storage = (FileTreeStorage)await FileTreeStorage.OpenAsync(_tree.Torrent, Target, new FileTreeOptions(), Token);
        await SelectAsync(storage, FileChoice.Of([FilePattern.Parse(wanted)], []));
        return storage;
    }

    private async Task SelectAsync(FileTreeStorage storage, FileChoice choice) =>
        await storage.SelectAsync(choice.Resolve(_tree.Torrent), Token);

    private async Task WriteAsync(FileTreeStorage storage, IEnumerable<int> pieces)
    {
        foreach (var piece in pieces)
        {
            await storage.WriteAsync(piece * (long)SampleTree.PieceLength, _tree.Piece(piece), Token);
        }
    }

    private string[] Aside() => Directory.GetFiles(Target, ".*.pier-parts");

    private IEnumerable<string> Made() => Directory.EnumerateFiles(Target, "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Target, path))
        .Where(path => !path.StartsWith('.'));
}

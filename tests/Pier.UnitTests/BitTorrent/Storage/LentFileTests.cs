using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.TestKit.Files;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Storage;

/// <summary>Files that somebody else keeps: held without being fetched, read where they are, never made.</summary>
public sealed class LentFileTests : IAsyncDisposable
{
    private readonly TempFolder _folder = TempFolder.Create("lent");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Target => _folder.Below("got");

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Theory]
    [InlineData(TorrentFormat.V2)]
    [InlineData(TorrentFormat.Hybrid)]
    public async Task A_lent_file_is_held_and_served_and_only_the_others_are_written(TorrentFormat format)
    {
        var tree = await SampleTree.CreateAsync(_folder, format, Token);
        var lender = new Lender(tree, "a.bin", "b/c/d.bin");
        await using (var storage = await OpenAsync(tree, lender))
        {
            var lent = tree.PiecesOf("a.bin").Concat(tree.PiecesOf("b/c/d.bin")).ToArray();
            storage.Held.Select(range => (int)(range.Offset / SampleTree.PieceLength)).ShouldBe(lent);
            storage.HashedPieces.ShouldBe(0);
            foreach (var piece in Enumerable.Range(0, tree.Torrent.PieceCount))
            {
                if (!lent.Contains(piece))
                {
                    await storage.WriteAsync(piece * (long)SampleTree.PieceLength, tree.Piece(piece), Token);
                }

                var read = new byte[tree.Piece(piece).Length];
                await storage.ReadAsync(piece * (long)SampleTree.PieceLength, read, Token);
                read.AsSpan().SequenceEqual(tree.Piece(piece).Span).ShouldBeTrue($"piece {piece}");
            }

            await storage.WriteAsync(0, tree.Piece(0), Token);
            await storage.CompleteAsync(Token);
        }

        lender.Returned.ShouldBe(2);
        Directory.EnumerateFiles(Target, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Target, path))
            .Order(StringComparer.Ordinal).ShouldBe(["b/b.bin", "e.bin", "empty", "z.bin"]);
    }

    [Fact]
    public async Task What_is_lent_no_more_is_missing_and_what_is_on_disk_is_not_borrowed()
    {
        var tree = await SampleTree.CreateAsync(_folder, TorrentFormat.V2, Token);
        await using (var first = await OpenAsync(tree, new Lender(tree, "a.bin")))
        {
            await first.WriteAsync(tree.PiecesOf("e.bin").First() * (long)SampleTree.PieceLength, tree.Piece(tree.PiecesOf("e.bin").First()), Token);
        }

        var lender = new Lender(tree, "e.bin");
        await using var second = await OpenAsync(tree, lender);

        second.Held.ShouldHaveSingleItem().Offset.ShouldBe(tree.PiecesOf("e.bin").First() * (long)SampleTree.PieceLength);
        lender.Given.ShouldBe(0);
    }

    [Fact]
    public async Task A_torrent_of_v1_knows_no_file_by_its_bytes()
    {
        var tree = await SampleTree.CreateAsync(_folder, TorrentFormat.V1, Token);
        await using var storage = await OpenAsync(tree, new Lender(await SampleTree.CreateAsync(_folder, TorrentFormat.V2, Token), "a.bin"));
        storage.Held.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_torrent_of_which_everything_is_lent_is_complete_without_a_peer_and_seeds()
    {
        var tree = await SampleTree.CreateAsync(_folder, TorrentFormat.Hybrid, Token);
        await using var engines = new Engines();
        var lender = new Lender(tree, [.. SampleTree.Files.Where(file => file.Length > 0).Select(file => file.Path)]);
        var here = await engines.StartAsync();
        var swarm = await here.AddAsync(
            SwarmSpec.For(tree.Torrent, async (_, _) => await OpenAsync(tree, lender)), Token);
        await swarm.Completion.WaitAsync(Engines.Deadline, Token);
        swarm.ArrivedOf(tree.IndexOf("a.bin")).ShouldBe(200_001);

        var there = await engines.StartAsync();
        var theirs = await there.AddAsync(
            SwarmSpec.For(tree.Torrent, (torrent, token) => FileTreeStorage.OpenAsync(torrent, _folder.Below("theirs"), new FileTreeOptions(), token)) with { Peers = [here.ListenEndPoint] },
            Token);
        await theirs.Completion.WaitAsync(Engines.Deadline, Token);

        foreach (var (path, _) in SampleTree.Files)
        {
            (await File.ReadAllBytesAsync(_folder.Below("theirs", path), Token)).ShouldBe(SampleTree.Bytes(path), path);
        }
    }

    private async Task<FileTreeStorage> OpenAsync(SampleTree tree, Lender lender) => (FileTreeStorage)await FileTreeStorage.OpenAsync(
        tree.Torrent, Target, new FileTreeOptions { Lender = lender, ResumeFile = _folder.Below("resume") }, Token);

    /// <summary>Lends some files of the sample from memory.</summary>
    private sealed class Lender(SampleTree tree, params string[] paths) : IFileLender
    {
        public int Given { get; private set; }

        public int Returned { get; private set; }

        public ValueTask<ILentFile?> LendAsync(MerkleRoot root, long length, CancellationToken cancellationToken)
        {
            var path = paths.FirstOrDefault(path => tree.Torrent.Files[tree.IndexOf(path)].PiecesRoot == root);
            Given += path is null ? 0 : 1;
            return ValueTask.FromResult<ILentFile?>(path is null ? null : new Lent(this, SampleTree.Bytes(path)));
        }

        private sealed class Lent(Lender lender, byte[] bytes) : ILentFile
        {
            public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
            {
                bytes.AsMemory((int)offset, destination.Length).CopyTo(destination);
                return ValueTask.CompletedTask;
            }

            public ValueTask DisposeAsync()
            {
                lender.Returned++;
                return ValueTask.CompletedTask;
            }
        }
    }
}

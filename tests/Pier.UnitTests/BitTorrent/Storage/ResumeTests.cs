using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Selection;
using Pier.BitTorrent.Storage;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Time;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Storage;

/// <summary>What is believed of an earlier run's files, and what is hashed.</summary>
public sealed class ResumeTests : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.Create();
    private SampleTree _tree = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Target => _folder.Below("got");

    private FileTreeOptions Options => new() { ResumeFile = _folder.Below("resume") };

    private int PieceCount => _tree.Torrent.PieceCount;

    public async ValueTask InitializeAsync() => _tree = await SampleTree.CreateAsync(_folder, TorrentFormat.V1, Token);

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task What_was_closed_in_order_is_not_hashed()
    {
        await FillAsync(Enumerable.Range(0, 5));

        await using var second = await OpenAsync();

        second.HashedPieces.ShouldBe(0);
        second.Held.Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_complete_download_is_not_hashed()
    {
        await FillAsync(Enumerable.Range(0, PieceCount), complete: true);

        await using var second = await OpenAsync();

        second.HashedPieces.ShouldBe(0);
        second.Held.Count.ShouldBe(PieceCount);
    }

    [Fact]
    public async Task A_record_that_flushes_while_files_get_their_names_makes_none_anew()
    {
        for (var round = 0; round < 100; round++)
        {
            var target = _folder.Below($"round{round}");
            var options = Options with { ResumeFile = _folder.Below($"resume{round}"), ResumeInterval = TimeSpan.Zero };
            await using (var storage = await FileTreeStorage.OpenAsync(_tree.Torrent, target, options, Token))
            {
                foreach (var piece in Enumerable.Range(0, PieceCount))
                {
                    await storage.WriteAsync(piece * (long)SampleTree.PieceLength, _tree.Piece(piece), Token);
                }

                await storage.CompleteAsync(Token);
            }

            Directory.EnumerateFiles(target, "*.pier-part", SearchOption.AllDirectories).ShouldBeEmpty($"round {round}");
        }
    }

    [Fact]
    public async Task What_is_written_after_the_record_is_hashed_and_nothing_else()
    {
        await FillAsync(Enumerable.Range(0, 5));
        var record = await File.ReadAllBytesAsync(Options.ResumeFile!, Token);
        await FillAsync(Enumerable.Range(5, 3));
        await File.WriteAllBytesAsync(Options.ResumeFile!, record, Token);

        await using var third = await OpenAsync();

        third.HashedPieces.ShouldBe(3);
        third.Held.Count.ShouldBe(8);
    }

    [Fact]
    public async Task A_file_that_others_changed_is_hashed_again()
    {
        await FillAsync(Enumerable.Range(0, PieceCount));
        var part = Path.Combine(Target, "e.bin.pier-part");
        await using (var file = File.OpenWrite(part))
        {
            file.Position = 50_000;
            file.WriteByte((byte)~SampleTree.Bytes("e.bin")[50_000]);
        }

        await using var second = await OpenAsync();

        second.HashedPieces.ShouldBe(_tree.PiecesOf("e.bin").Count());
        second.Held.Count.ShouldBe(PieceCount - 1);
    }

    [Fact]
    public async Task A_file_that_is_gone_is_missing()
    {
        await FillAsync(Enumerable.Range(0, PieceCount));
        File.Delete(Path.Combine(Target, "e.bin.pier-part"));

        await using var second = await OpenAsync();

        second.HashedPieces.ShouldBe(0);
        second.Held.Count.ShouldBe(PieceCount - _tree.PiecesOf("e.bin").Count());
    }

    [Fact]
    public async Task A_torn_record_only_costs_time()
    {
        await FillAsync(Enumerable.Range(0, 5));
        var record = await File.ReadAllBytesAsync(Options.ResumeFile!, Token);
        await File.WriteAllBytesAsync(Options.ResumeFile!, record[..^1], Token);

        await using var second = await OpenAsync();

        second.HashedPieces.ShouldBe(5);
        second.Held.Count.ShouldBe(5);
    }

    [Fact]
    public async Task What_lies_aside_is_remembered_too()
    {
        var choice = FileChoice.Of([FilePattern.Parse("b/b.bin")], []);
        await FillAsync(_tree.PiecesOf("b/b.bin"), choice: choice);

        await using var second = await OpenAsync();

        second.HashedPieces.ShouldBe(0);
        second.Held.Count.ShouldBe(_tree.PiecesOf("b/b.bin").Count());
    }

    [Fact]
    public async Task The_record_is_written_with_the_first_piece_and_then_at_intervals()
    {
        var time = new ManualTimeProvider();
        await using var storage = await OpenAsync(Options with { Time = time });
        await storage.WriteAsync(0, _tree.Piece(0), Token);
        await Eventually.TrueAsync(() => File.Exists(Options.ResumeFile), "it is written", Engines.Deadline, Token);
        var first = await File.ReadAllBytesAsync(Options.ResumeFile!, Token);
        await storage.WriteAsync(SampleTree.PieceLength, _tree.Piece(1), Token);
        await Eventually.TrueAsync(() => time.ArmedTimers > 0, "the keeper waits", Engines.Deadline, Token);
        (await File.ReadAllBytesAsync(Options.ResumeFile!, Token)).ShouldBe(first);

        time.Advance(TimeSpan.FromSeconds(10));

        await Eventually.TrueAsync(() => !File.ReadAllBytes(Options.ResumeFile!).AsSpan().SequenceEqual(first), "it is written again", Engines.Deadline, Token);
    }

    private async Task FillAsync(IEnumerable<int> pieces, bool complete = false, FileChoice? choice = null)
    {
        await using var storage = await OpenAsync();
        await storage.SelectAsync((choice ?? FileChoice.All).Resolve(_tree.Torrent), Token);
        foreach (var piece in pieces)
        {
            await storage.WriteAsync(piece * (long)SampleTree.PieceLength, _tree.Piece(piece), Token);
        }

        if (complete)
        {
            await storage.CompleteAsync(Token);
        }
    }

    private async Task<FileTreeStorage> OpenAsync(FileTreeOptions? options = null) =>
        (FileTreeStorage)await FileTreeStorage.OpenAsync(_tree.Torrent, Target, options ?? Options, Token);
}

using System.Globalization;
using Pier.BitTorrent.Creation;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Torrents;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Processes;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Storage;

/// <summary>A download that is killed with SIGKILL again and again loses nothing, and hashes only what is in doubt.</summary>
public sealed class ResumeCrashTests : IAsyncDisposable
{
    private const int Files = 16;
    private const int FileLength = 2_500_001;

    private readonly TempFolder _folder = TempFolder.Create("resume");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Fact]
    public async Task A_killed_download_goes_on_and_only_doubtful_pieces_are_hashed()
    {
        var torrent = await MakeAsync();
        var perFile = FileLength / torrent.PieceLength + 2;
        var before = 0;
        for (var kill = 1; kill <= 3; kill++)
        {
            var stored = await RunUntilKilledAsync(torrent, before + 120);
            var remembered = Remembered(torrent);
            await using var storage = await OpenAsync(torrent);
            storage.Held.Count.ShouldBeGreaterThanOrEqualTo(stored, "no piece that was stored is lost");
            remembered.ShouldBeGreaterThanOrEqualTo(before + 60);

            // Besides what the record does not know: the piece that was being written, and its file when the kill came before its time was put back.
            storage.HashedPieces.ShouldBeLessThanOrEqualTo(storage.Held.Count - remembered + 1 + perFile);
            before = storage.Held.Count;
        }

        await FinishAsync(torrent);
        for (var file = 0; file < Files; file++)
        {
            var got = await File.ReadAllBytesAsync(_folder.Below("got", $"{file:00}.bin"), Token);
            got.AsSpan().SequenceEqual(Engines.RandomBytes(FileLength, file)).ShouldBeTrue();
        }
    }

    private async Task<Metainfo> MakeAsync()
    {
        var source = _folder.MakeFolder("source");
        for (var file = 0; file < Files; file++)
        {
            await File.WriteAllBytesAsync(Path.Combine(source, $"{file:00}.bin"), Engines.RandomBytes(FileLength, file), Token);
        }

        var torrent = await TorrentBuilder.CreateAsync(source, new TorrentCreationOptions { Format = TorrentFormat.V1, PieceLength = 64 << 10 }, null, Token);
        await File.WriteAllBytesAsync(_folder.Below("torrent"), torrent.ToTorrentFile(), Token);
        return torrent;
    }

    /// <returns>How many pieces the writer said it had stored.</returns>
    private async Task<int> RunUntilKilledAsync(Metainfo torrent, int reached)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Pier.StoreCrasher");
        string[] arguments = ["torrent", _folder.Below("torrent"), _folder.Below("source"), _folder.Below("got"), _folder.Below("record")];
        await using var process = await ExternalProcess.StartAsync(
            new ProcessPlan("the writer", program, arguments) { Ready = Readiness.WhenLogSays(""), Deadline = Engines.Deadline }, Token);
        await Eventually.TrueAsync(
            () => Stored() >= reached && Remembered(torrent) >= reached - 60, $"{reached} pieces are stored", Engines.Deadline, Token);
        await process.KillAsync(Token);
        return Stored();

        int Stored() => process.Log.Lines is [.., var line] && int.TryParse(line, CultureInfo.InvariantCulture, out var stored) ? stored : 0;
    }

    private int Remembered(Metainfo torrent) => new ResumeFile(_folder.Below("record"), torrent).Read() is { } record
        ? Enumerable.Range(0, torrent.PieceCount).Count(record.Has)
        : 0;

    private async Task FinishAsync(Metainfo torrent)
    {
        await using var from = await FileTreeStorage.OpenAsync(torrent, _folder.Below("source"), new FileTreeOptions { IsSealed = true }, Token);
        await using var into = await OpenAsync(torrent);
        var held = into.Held.Select(range => range.Offset).ToHashSet();
        for (var piece = 0; piece < torrent.PieceCount; piece++)
        {
            var offset = torrent.Layout.PieceOffset(piece);
            if (!held.Contains(offset))
            {
                var bytes = new byte[torrent.Layout.PieceSize(piece)];
                await from.ReadAsync(offset, bytes, Token);
                await into.WriteAsync(offset, bytes, Token);
            }
        }

        await into.CompleteAsync(Token);
    }

    private async Task<FileTreeStorage> OpenAsync(Metainfo torrent) => (FileTreeStorage)await FileTreeStorage.OpenAsync(
        torrent, _folder.Below("got"), new FileTreeOptions { ResumeFile = _folder.Below("record") }, Token);
}

using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Torrents;

namespace Pier.StoreCrasher;

/// <summary>
/// Stores a torrent's pieces, taken from its files elsewhere, in shuffled order and without hurry, so that a test can kill it
/// at a moment of its choice; prints how many are stored.
/// </summary>
internal static class TorrentWriter
{
    public static async Task RunAsync(string torrent, string source, string target, string resume)
    {
        var metainfo = Metainfo.Parse(await File.ReadAllBytesAsync(torrent));
        var options = new FileTreeOptions { ResumeFile = resume, ResumeInterval = TimeSpan.FromMilliseconds(100) };
        await using var from = await FileTreeStorage.OpenAsync(metainfo, source, new FileTreeOptions { IsSealed = true }, CancellationToken.None);
        await using var into = await FileTreeStorage.OpenAsync(metainfo, target, options, CancellationToken.None);
        var pieces = Enumerable.Range(0, metainfo.PieceCount).ToArray();
        new Random(1).Shuffle(pieces);
        var stored = into.Held.Count;
        foreach (var piece in pieces.Where(piece => !into.Held.Any(held => held.Offset == metainfo.Layout.PieceOffset(piece))))
        {
            var bytes = new byte[metainfo.Layout.PieceSize(piece)];
            await from.ReadAsync(metainfo.Layout.PieceOffset(piece), bytes, CancellationToken.None);
            await into.WriteAsync(metainfo.Layout.PieceOffset(piece), bytes, CancellationToken.None);
            Console.WriteLine(++stored);
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
    }
}

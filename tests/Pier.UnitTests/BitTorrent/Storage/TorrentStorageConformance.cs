using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Torrents;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Storage;

/// <summary>What every <see cref="ITorrentStorage"/> must do; each implementation inherits these.</summary>
public abstract class TorrentStorageConformance
{
    private protected const int Length = 700_000;

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected static byte[] Bytes { get; } = Engines.RandomBytes(Length);

    private protected static Metainfo Torrent { get; } = Engines.BlobOf(Bytes);

    [Fact]
    public async Task Gives_back_what_was_written_in_any_order_and_portions()
    {
        await using var storage = await OpenEmptyAsync();
        storage.IsSealed.ShouldBeFalse();
        storage.Held.ShouldBeEmpty();
        foreach (var piece in new[] { 2, 0, 1 })
        {
            var offset = piece << 18;
            await storage.WriteAsync(offset, Bytes.AsMemory(offset, Math.Min(1 << 18, Length - offset)), Token);
        }

        foreach (var (offset, length) in new[] { (0, Length), (1, 16384), ((1 << 18) - 5, 10), (Length - 1, 1) })
        {
            var read = new byte[length];
            await storage.ReadAsync(offset, read, Token);
            read.AsSpan().SequenceEqual(Bytes.AsSpan(offset, length)).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Reads_go_on_after_completion()
    {
        await using var storage = await OpenEmptyAsync();
        await storage.WriteAsync(0, Bytes, Token);
        await storage.CompleteAsync(Token);
        var read = new byte[Length];
        await storage.ReadAsync(0, read, Token);
        read.AsSpan().SequenceEqual(Bytes).ShouldBeTrue();
    }

    [Fact]
    public async Task Many_read_and_write_at_once()
    {
        await using var storage = await OpenEmptyAsync();
        await Parallel.ForAsync(0, 43, Token, async (block, token) =>
        {
            var offset = block * 16384;
            var part = Bytes.AsMemory(offset, Math.Min(16384, Length - offset));
            await storage.WriteAsync(offset, part, token);
            var read = new byte[part.Length];
            await storage.ReadAsync(offset, read, token);
            read.AsSpan().SequenceEqual(part.Span).ShouldBeTrue();
        });
    }

    /// <summary>A storage of the torrent that holds nothing.</summary>
    private protected abstract ValueTask<ITorrentStorage> OpenEmptyAsync();
}

/// <summary>The twin in memory.</summary>
public sealed class MemoryStorageConformanceTests : TorrentStorageConformance
{
    private protected override ValueTask<ITorrentStorage> OpenEmptyAsync() => ValueTask.FromResult<ITorrentStorage>(MemoryStorage.Empty(Length));
}

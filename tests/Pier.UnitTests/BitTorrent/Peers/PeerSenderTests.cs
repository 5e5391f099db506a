using System.Net;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Storage;
using Pier.BitTorrent.Swarms;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Transports;
using Pier.BitTorrent.Wire;
using Pier.Content;
using Pier.TestKit.Time;
using Pier.UnitTests.BitTorrent.Swarms;

namespace Pier.UnitTests.BitTorrent.Peers;

/// <summary>How many blocks a connection is given at a time.</summary>
public sealed class PeerSenderTests
{
    private const int Megabyte = 1 << 20;
    private const int Blocks = 3 * Megabyte / WireLimits.BlockSize;

    private static readonly byte[] Bytes = Engines.RandomBytes(WireLimits.BlockSize);

    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_blocks_go_at_first_more_after_a_fast_mebibyte_and_few_after_a_slow_one()
    {
        var writes = await SendAsync(
            reading: TimeSpan.Zero, write: (before, bytes) => TimeSpan.FromSeconds(bytes / (before < Megabyte ? 500e6 : 1e6)));
        writes[0].ShouldBe(2);
        writes.Max().ShouldBe(16);
        writes[^1].ShouldBe(2);
    }

    [Fact]
    public async Task Slow_storage_makes_no_slow_connection()
    {
        var writes = await SendAsync(
            reading: TimeSpan.FromMilliseconds(5), write: (_, bytes) => TimeSpan.FromSeconds(bytes / 500e6));
        writes[0].ShouldBe(2);
        writes[^1].ShouldBe(16);
    }

    /// <summary>Sends three mebibytes.</summary>
    /// <param name="reading">How long the storage takes for a block.</param>
    /// <param name="write">How long the connection takes for bytes after so many others.</param>
    /// <returns>Blocks in each write.</returns>
    private async Task<List<int>> SendAsync(TimeSpan reading, Func<long, int, TimeSpan> write)
    {
        using var services = new QuietServices(time: _time);
        var blob = Engines.BlobOf(Bytes);
        var storage = new SlowStorage(_time, reading);
        var port = new SwarmPort(
            SwarmSpec.For(blob, (_, _) => ValueTask.FromResult<ITorrentStorage>(storage)), services.Engine);
        var grid = PieceGrid.Uniform(Bytes.Length, Bytes.Length);
        port.Content = new TorrentContent(blob, grid, new Bitfield(grid.PieceCount), storage);
        var stream = new PacedStream(_time, Blocks, write);
        await using var link = new PeerLink(
            stream, new IPEndPoint(IPAddress.Loopback, 1), isOutgoing: false, new Handshake(ReservedBits.Fast, blob.Id.Primary, PeerId.Create()), port);
        link.Outbox.PostUnchoke();
        for (var block = 0; block < Blocks; block++)
        {
            link.Outbox.TryQueueUpload(new BlockRange(0, 0, WireLimits.BlockSize)).ShouldBeTrue();
        }

        var running = link.RunAsync(Token);
        await stream.Sent.WaitAsync(Engines.Deadline, Token);
        link.Close("all is sent");
        await running.WaitAsync(Engines.Deadline, Token);
        return stream.Writes;
    }

    /// <summary>A connection over which nothing comes, and that takes what it is given in its own time.</summary>
    private sealed class PacedStream(ManualTimeProvider time, int blocks, Func<long, int, TimeSpan> pace) : DuplexStream
    {
        private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<int> _nothing = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _taken;

        public List<int> Writes { get; } = [];

        public Task Sent => _sent.Task;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await _nothing.Task.WaitAsync(cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            time.Advance(pace(_taken, buffer.Length));
            _taken += buffer.Length;
            if (buffer.Length >= WireLimits.BlockSize)
            {
                Writes.Add(buffer.Length / (WireLimits.PieceHeaderLength + WireLimits.BlockSize));
                if (Writes.Sum() == blocks)
                {
                    _sent.SetResult();
                }
            }

            return ValueTask.CompletedTask;
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>Holds everything, and takes a while to find it.</summary>
    private sealed class SlowStorage(ManualTimeProvider time, TimeSpan reading) : ITorrentStorage
    {
        public bool IsSealed => true;

        public IReadOnlyList<ByteRange> Held => [];

        public ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
        {
            time.Advance(reading);
            Bytes.AsMemory((int)offset, destination.Length).CopyTo(destination);
            return ValueTask.CompletedTask;
        }

        public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> verified, CancellationToken cancellationToken) =>
            ValueTask.FromException(new NotSupportedException());

        public ValueTask CompleteAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

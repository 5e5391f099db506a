using System.Buffers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.WebSeeds;

/// <summary>
/// The other end of a connection to a web seed: speaks as a peer that has everything and unchokes at once, and brings what it
/// is asked for from the web server.
/// </summary>
/// <param name="stream">The other end.</param>
/// <param name="grid">The torrent's pieces.</param>
/// <param name="maxQueued">Requests that may wait.</param>
/// <param name="open">Opens the bytes of a run: its first byte in the piece space, and how many.</param>
/// <param name="time">The clock.</param>
internal sealed class WebSeedServer(
    Stream stream, PieceGrid grid, int maxQueued, Func<long, long, WebSeedBody> open, TimeProvider time) : IDisposable
{
    private const int MaxBlock = WireLimits.PieceHeaderLength + WireLimits.MaxBlockLength;
    private const int BatchSize = 64 * 1024 + MaxBlock;
    private const int FirstBuffer = 16 * 1024;
    private static readonly TimeSpan KeepAliveAfter = TimeSpan.FromSeconds(60);

    private readonly WebSeedQueue _queue = new(grid, maxQueued);
    private readonly SemaphoreSlim _writing = new(1);

    /// <summary>Serves until the stream or the server fails.</summary>
    /// <param name="has">The pieces it has.</param>
    /// <param name="name">What it calls itself.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What the web server did wrong; null when this side ended the connection.</returns>
    public async Task<WebSeedException?> RunAsync(Bitfield has, string name, CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var receiving = GuardAsync(ReceiveAsync(linked.Token));
        var serving = GuardAsync(ServeAsync(has, name, linked.Token));
        var first = await Task.WhenAny(receiving, serving);
        await linked.CancelAsync();
        await stream.DisposeAsync();
        await Task.WhenAll(receiving, serving);
        return await first;
    }

    /// <inheritdoc/>
    public void Dispose() => _writing.Dispose();

    private static async Task<WebSeedException?> GuardAsync(Task loop)
    {
        try
        {
            await loop;
            return null;
        }
        catch (WebSeedException failure)
        {
            return failure;
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException or ObjectDisposedException or WireException)
        {
            return null;
        }
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[FirstBuffer];
        for (var filled = 0; ;)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(filled), cancellationToken);
            if (read == 0)
            {
                return;
            }

            var (consumed, next, refused) = Parse(buffer.AsSpan(0, filled + read));
            var rest = buffer.AsSpan(consumed, filled + read - consumed);
            var target = next > buffer.Length ? new byte[next] : buffer;
            rest.CopyTo(target);
            (buffer, filled) = (target, rest.Length);
            if (refused is not null)
            {
                await WriteAsync(refused.WrittenMemory, cancellationToken);
            }
        }
    }

    private (int Consumed, int Next, ArrayBufferWriter<byte>? Refused) Parse(ReadOnlySpan<byte> received)
    {
        ArrayBufferWriter<byte>? refused = null;
        var reader = new WireReader(received);
        while (reader.TryRead(out var message))
        {
            switch (message.Id)
            {
                case MessageId.Request:
                    _queue.Add(message.ReadBlock(grid.PieceCount));
                    break;
                case MessageId.Cancel:
                    _queue.Cancel(message.ReadBlock(grid.PieceCount));
                    break;
                case MessageId.HashRequest:
                    new WireWriter(refused ??= new ArrayBufferWriter<byte>()).Raw(MessageId.HashReject, message.Payload);
                    break;
            }
        }

        return (reader.Consumed, reader.NextLength, refused);
    }

    private async Task ServeAsync(Bitfield has, string name, CancellationToken cancellationToken)
    {
        await WriteAsync(Greeting(has, name), cancellationToken);
        var batch = ArrayPool<byte>.Shared.Rent(BatchSize);
        try
        {
            while (true)
            {
                if (_queue.TakeRun() is { Count: > 0 } run)
                {
                    await ServeRunAsync(run, batch, cancellationToken);
                }
                else
                {
                    await WaitAsync(cancellationToken);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(batch);
        }
    }

    private async Task ServeRunAsync(IReadOnlyList<BlockRange> run, byte[] batch, CancellationToken cancellationToken)
    {
        var start = grid.OffsetOf(run[0].Piece) + run[0].Offset;
        await using var body = open(start, run.Sum(block => (long)block.Length));
        var filled = 0;
        foreach (var block in run)
        {
            if (!_queue.IsRunWanted)
            {
                break;
            }

            var target = batch.AsMemory(filled, WireLimits.PieceHeaderLength + block.Length);
            await body.ReadAsync(target[WireLimits.PieceHeaderLength..], cancellationToken);
            if (_queue.TryFinish(block))
            {
                WireWriter.PieceHeader(target.Span, block);
                filled += target.Length;
            }

            if (filled > BatchSize - MaxBlock)
            {
                await WriteAsync(batch.AsMemory(0, filled), cancellationToken);
                filled = 0;
            }
        }

        if (filled > 0)
        {
            await WriteAsync(batch.AsMemory(0, filled), cancellationToken);
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(KeepAliveAfter, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            await _queue.WaitAsync(linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await WriteAsync(new byte[WireLimits.PrefixLength], cancellationToken);
        }
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await stream.WriteAsync(bytes, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    private static ReadOnlyMemory<byte> Greeting(Bitfield has, string name)
    {
        var hello = new ArrayBufferWriter<byte>();
        new ExtensionHandshake { Client = name }.WriteTo(hello);
        var greeting = new ArrayBufferWriter<byte>();
        var writer = new WireWriter(greeting);
        if (has.IsFull)
        {
            writer.Empty(MessageId.HaveAll);
        }
        else
        {
            var bits = new byte[has.ByteLength];
            has.CopyTo(bits);
            writer.Bitfield(bits);
        }

        writer.Extended(ExtensionHandshake.Id, hello.WrittenSpan);
        writer.Empty(MessageId.Unchoke);
        return greeting.WrittenMemory;
    }
}

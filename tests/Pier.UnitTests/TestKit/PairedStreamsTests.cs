using Pier.TestKit.Streams;

namespace Pier.UnitTests.TestKit;

public sealed class PairedStreamsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_one_end_writes_the_other_reads_both_ways()
    {
        await using var pair = PairedStreams.Create();
        await pair.Left.WriteAsync("ping"u8.ToArray(), Cancel);
        await pair.Right.WriteAsync("pong!"u8.ToArray(), Cancel);

        (await ReadAsync(pair.Right, 4)).ShouldBe("ping"u8.ToArray());
        (await ReadAsync(pair.Left, 5)).ShouldBe("pong!"u8.ToArray());
    }

    [Fact]
    public async Task A_writer_waits_while_the_window_is_full()
    {
        await using var pair = PairedStreams.Create(windowBytes: 8);
        var write = pair.Left.WriteAsync(new byte[8], Cancel).AsTask();
        write.IsCompleted.ShouldBeFalse();

        await ReadAsync(pair.Right, 8);

        await write;
    }

    [Fact]
    public async Task A_closed_end_reads_as_end_of_stream_and_refuses_writes()
    {
        await using var pair = PairedStreams.Create();
        await pair.Left.WriteAsync("last"u8.ToArray(), Cancel);
        await pair.Left.DisposeAsync();

        (await ReadAsync(pair.Right, 4)).ShouldBe("last"u8.ToArray());
        (await pair.Right.ReadAsync(new byte[1], Cancel)).ShouldBe(0);
        await Should.ThrowAsync<IOException>(() => pair.Right.WriteAsync(new byte[1], Cancel).AsTask());
    }

    [Fact]
    public async Task A_broken_connection_fails_a_read_that_waits()
    {
        await using var pair = PairedStreams.Create();
        var read = pair.Right.ReadAsync(new byte[1], Cancel).AsTask();

        pair.Break("cable pulled");

        (await Should.ThrowAsync<IOException>(() => read)).Message.ShouldBe("cable pulled");
        await Should.ThrowAsync<IOException>(() => pair.Left.WriteAsync(new byte[1], Cancel).AsTask());
    }

    private static async Task<byte[]> ReadAsync(Stream stream, int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, Cancel);
        return bytes;
    }
}

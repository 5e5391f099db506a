using Pier.BitTorrent.Encryption;

namespace Pier.UnitTests.BitTorrent.Encryption;

/// <summary>The encrypted data path: right bytes, untouched sources, no allocations.</summary>
public sealed class EncryptedStreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_written_is_left_as_it_was_and_read_again()
    {
        var memory = new MemoryStream();
        await using var stream = new EncryptedStream(memory, new Rc4([1]), new Rc4([1]));
        var said = "said twice"u8.ToArray();
        await stream.WriteAsync(said, Token);
        await stream.WriteAsync(said, Token);

        said.ShouldBe("said twice"u8.ToArray());
        memory.ToArray().AsSpan(0, 10).SequenceEqual(memory.ToArray().AsSpan(10)).ShouldBeFalse();
        memory.Position = 0;
        var heard = new byte[20];
        await stream.ReadExactlyAsync(heard, Token);
        heard.ShouldBe("said twicesaid twice"u8.ToArray());
    }

    [Fact]
    public async Task A_block_costs_no_allocation()
    {
        const int blocks = 1000;
        var block = new byte[16_397];
        await using var stream = new EncryptedStream(new MemoryStream(new byte[2 * blocks * block.Length]), new Rc4([1]), new Rc4([2]));
        await PassAsync(stream, block, times: 10);
        var before = GC.GetAllocatedBytesForCurrentThread();

        await PassAsync(stream, block, blocks / 2);

        // The runtime allocates a little for itself now and then: less than the smallest object for each block.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(blocks / 2 * 24);
    }

    // The stream below answers at once, so that all stays on one thread.
    private static async ValueTask PassAsync(EncryptedStream stream, byte[] block, int times)
    {
        for (var time = 0; time < times; time++)
        {
            await stream.WriteAsync(block, Token);
            _ = await stream.ReadAsync(block, Token);
        }
    }
}

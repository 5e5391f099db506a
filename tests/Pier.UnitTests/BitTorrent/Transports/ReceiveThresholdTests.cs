using Pier.BitTorrent.Transports;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Transports;

/// <summary>For how many bytes the system wakes a reader, and that it wakes him for fewer when no more come.</summary>
public sealed class ReceiveThresholdTests : IDisposable
{
    private const int Megabyte = 1 << 20;
    private const long Plenty = 64 * Megabyte;
    private readonly ManualTimeProvider _time = new();
    private readonly LoopbackPair _pair = new();

    public void Dispose() => _pair.Dispose();

    [Fact]
    public void It_follows_the_pace()
    {
        using var threshold = ReceiveThreshold.Of(_pair.Stream, _time)!;
        Come(threshold, Megabyte, TimeSpan.FromMilliseconds(3));
        Kernel.ShouldBe(512 << 10);
        Come(threshold, Megabyte, TimeSpan.FromMilliseconds(1));
        Kernel.ShouldBe(Megabyte);
        Come(threshold, Megabyte, TimeSpan.FromSeconds(1));
        Kernel.ShouldBe(1);
    }

    [Fact]
    public void It_never_asks_for_more_than_half_of_what_is_expected()
    {
        using var threshold = ReceiveThreshold.Of(_pair.Stream, _time)!;
        Come(threshold, Megabyte, TimeSpan.FromMilliseconds(1));
        threshold.Came(1, 2 * Megabyte);
        Kernel.ShouldBe(Megabyte);
        threshold.Came(1, 2 * Megabyte - 1);
        Kernel.ShouldBe(1);
    }

    [Fact]
    public async Task Who_waits_for_more_than_comes_is_given_what_is_there()
    {
        using var threshold = ReceiveThreshold.Of(_pair.Stream, _time)!;
        Come(threshold, Megabyte, TimeSpan.FromMilliseconds(1));
        var reading = _pair.Stream.ReadAsync(new byte[16], TestContext.Current.CancellationToken).AsTask();
        reading.IsCompleted.ShouldBeFalse();
        _pair.There.Send("few"u8.ToArray());

        // The first look knows that bytes came since the one before it.
        _time.Advance(TimeSpan.FromMilliseconds(10));
        _time.Advance(TimeSpan.FromMilliseconds(10));
        (await reading.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).ShouldBe(3);
        Kernel.ShouldBe(1);
    }

    [Fact]
    public void Streams_that_are_no_sockets_have_none() => ReceiveThreshold.Of(Stream.Null, _time).ShouldBeNull();

    [Fact]
    public void A_closed_socket_is_let_be()
    {
        using var threshold = ReceiveThreshold.Of(_pair.Stream, _time)!;
        _pair.Here.Dispose();
        Come(threshold, Megabyte, TimeSpan.FromMilliseconds(1));
        _time.Advance(TimeSpan.FromMilliseconds(20));
        threshold.Bytes.ShouldBe(1);
    }

    /// <summary>What the kernel says (SO_RCVLOWAT).</summary>
    private int Kernel
    {
        get
        {
            Span<byte> value = stackalloc byte[sizeof(int)];
            _pair.Here.GetRawSocketOption(1, 18, value);
            return BitConverter.ToInt32(value);
        }
    }

    private void Come(ReceiveThreshold threshold, int bytes, TimeSpan within)
    {
        _time.Advance(within);
        threshold.Came(bytes, Plenty);
    }
}

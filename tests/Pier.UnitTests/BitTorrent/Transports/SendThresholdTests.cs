using Pier.BitTorrent.Encryption;
using Pier.BitTorrent.Transports;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Transports;

/// <summary>How much a connection is given at a time, and how much of it may wait in the system.</summary>
public sealed class SendThresholdTests : IDisposable
{
    private const int Megabyte = 1 << 20;
    private readonly ManualTimeProvider _time = new();
    private readonly LoopbackPair _pair = new();

    public void Dispose() => _pair.Dispose();

    [Fact]
    public void It_begins_with_two_blocks()
    {
        SendThreshold.Of(_pair.Stream, _time).Bytes.ShouldBe(32 << 10);
        Unsent.ShouldBe(16 << 10);
    }

    [Theory]
    [InlineData(600, 32 << 10, 16 << 10)]
    [InlineData(85, 128 << 10, 64 << 10)]
    [InlineData(8, 256 << 10, 0)]
    [InlineData(0, 256 << 10, 0)]
    public void It_follows_the_pace(int milliseconds, int bytes, int unsent)
    {
        var threshold = SendThreshold.Of(_pair.Stream, _time);
        Go(threshold, TimeSpan.FromMilliseconds(milliseconds));
        threshold.Bytes.ShouldBe(bytes);
        Unsent.ShouldBe(unsent);
    }

    [Fact]
    public void A_fast_connection_that_becomes_slow_is_given_less_again()
    {
        var threshold = SendThreshold.Of(_pair.Stream, _time);
        Go(threshold, TimeSpan.FromMilliseconds(2));
        Go(threshold, TimeSpan.FromSeconds(1));
        threshold.Bytes.ShouldBe(32 << 10);
        Unsent.ShouldBe(16 << 10);
    }

    [Fact]
    public void It_reaches_through_encryption()
    {
        using var encrypted = new EncryptedStream(_pair.Stream, new Rc4("in"u8), new Rc4("out"u8));
        SendThreshold.Of(encrypted, _time);
        Unsent.ShouldBe(16 << 10);
    }

    [Fact]
    public void What_is_no_socket_is_given_as_much()
    {
        using var other = new MemoryStream();
        var threshold = SendThreshold.Of(other, _time);
        Go(threshold, TimeSpan.FromMilliseconds(2));
        threshold.Bytes.ShouldBe(256 << 10);
    }

    [Fact]
    public void A_closed_connection_is_no_failure()
    {
        var threshold = SendThreshold.Of(_pair.Stream, _time);
        _pair.Here.Dispose();
        Go(threshold, TimeSpan.FromMilliseconds(2));
        threshold.Bytes.ShouldBe(256 << 10);
    }

    [Fact]
    public void Storage_and_pauses_do_not_make_it_slow()
    {
        var threshold = SendThreshold.Of(_pair.Stream, _time);
        for (var round = 0; round < 4; round++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            threshold.Reads();
            _time.Advance(TimeSpan.FromSeconds(1));
            Go(threshold, TimeSpan.FromMilliseconds(2));
            threshold.Bytes.ShouldBe(256 << 10);
        }
    }

    [Fact]
    public void Who_asks_again_only_once_earlier_blocks_have_come_goes_as_slowly_as_they_came()
    {
        // The system takes at once what it has room for.
        var threshold = SendThreshold.Of(_pair.Stream, _time);
        for (var sent = 0; sent < Megabyte; sent += 32 << 10)
        {
            _time.Advance(TimeSpan.FromMilliseconds(20));
            threshold.Reads();
            threshold.Writes();
            threshold.Took(32 << 10);
        }

        threshold.Bytes.ShouldBe(32 << 10);
    }

    // TCP_NOTSENT_LOWAT, tcp(7).
    private int Unsent
    {
        get
        {
            Span<byte> value = stackalloc byte[sizeof(int)];
            _pair.Here.GetRawSocketOption(6, 25, value);
            return BitConverter.ToInt32(value);
        }
    }

    private void Go(SendThreshold threshold, TimeSpan elapsed)
    {
        threshold.Writes();
        _time.Advance(elapsed);
        threshold.Took(Megabyte);
    }
}

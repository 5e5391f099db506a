using Pier.Content.Contracts;
using Pier.Fetch.Sources;

namespace Pier.UnitTests.Fetch.Sources;

/// <summary>Where a stream is opened and when it moves.</summary>
public sealed class RangePumpTests
{
    private const int MiB = 1 << 20;

    private readonly byte[] _content = Content(24 * MiB);
    private readonly List<long> _opened = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_empty_sink_is_filled_by_one_stream()
    {
        var sink = new MemorySink(_content.Length);

        await RunAsync(sink);

        sink.Bytes.SequenceEqual(_content).ShouldBeTrue();
        _opened.ShouldBe([0]);
    }

    [Fact]
    public async Task It_begins_where_the_reader_waits_and_comes_back_for_the_start()
    {
        var sink = new MemorySink(_content.Length) { Wanted = 10 * MiB };

        await RunAsync(sink);

        sink.Bytes.SequenceEqual(_content).ShouldBeTrue();
        _opened.ShouldBe([10 * MiB, 0]);
    }

    [Fact]
    public async Task Large_parts_that_are_here_are_not_fetched_again()
    {
        var sink = new MemorySink(_content.Length);
        sink.Fill(2 * MiB, _content.AsSpan(2 * MiB, 20 * MiB));

        await RunAsync(sink);

        sink.Bytes.SequenceEqual(_content).ShouldBeTrue();
        _opened.ShouldBe([0, 22 * MiB]);
    }

    [Fact]
    public async Task A_reader_that_jumps_ahead_is_followed()
    {
        var sink = new MemorySink(_content.Length);
        sink.Written = present => sink.Wanted = present >= 5 * MiB ? 20 * MiB : 0;

        await RunAsync(sink);

        sink.Bytes.SequenceEqual(_content).ShouldBeTrue();
        _opened[..2].ShouldBe([0, 20 * MiB]);
    }

    [Fact]
    public async Task Two_readers_far_apart_do_not_tear_the_stream_to_and_fro()
    {
        var sink = new MemorySink(_content.Length);
        var writes = 0;
        sink.Written = _ => sink.Wanted = ++writes % 2 == 0 ? 0 : 12 * MiB;

        await RunAsync(sink);

        sink.Bytes.SequenceEqual(_content).ShouldBeTrue();
        _opened.Count.ShouldBeLessThanOrEqualTo(8);
    }

    [Fact]
    public async Task A_stream_that_ends_early_is_opened_again_at_its_end()
    {
        var sink = new MemorySink(_content.Length);

        await RunAsync(sink, mostPerStream: 10 * MiB);

        sink.Bytes.SequenceEqual(_content).ShouldBeTrue();
        _opened.ShouldBe([0, 10 * MiB, 20 * MiB]);
    }

    [Fact]
    public async Task A_stream_without_a_byte_is_a_failure() =>
        await Should.ThrowAsync<ContentUnavailableException>(() => RunAsync(new MemorySink(_content.Length), mostPerStream: 0));

    private Task RunAsync(MemorySink sink, int mostPerStream = int.MaxValue) => RangePump.RunAsync(
        (range, _) =>
        {
            _opened.Add(range.Offset);
            var length = (int)Math.Min(mostPerStream, _content.Length - range.Offset);
            return ValueTask.FromResult<Stream>(new MemoryStream(_content, (int)range.Offset, length));
        },
        sink, SourceTrust.AtOnce, SourceKind.Upstream, Token);

    private static byte[] Content(int length)
    {
        var bytes = new byte[length];
        new Random(3).NextBytes(bytes);
        return bytes;
    }
}

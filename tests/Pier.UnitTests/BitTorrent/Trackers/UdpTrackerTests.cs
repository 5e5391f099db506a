using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Trackers;
using Pier.TestKit;
using Pier.TestKit.Time;

namespace Pier.UnitTests.BitTorrent.Trackers;

/// <summary>A real socket plays the tracker; time is moved by hand.</summary>
public sealed class UdpTrackerTests : IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly byte[] _packet = new byte[2048];
    private EndPoint _client = new IPEndPoint(IPAddress.Any, 0);

    public UdpTrackerTests() => _server.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task Connects_and_announces_in_the_bytes_of_BEP_15()
    {
        using var tracker = Make("/announce?k=v");
        var announcing = tracker.AnnounceAsync(TrackerSamples.Request(AnnounceEvent.Started), Cancellation);

        var connect = await ReceiveAsync();
        Convert.ToHexStringLower(connect.AsSpan(0, 12)).ShouldBe("000004172710198000000000");
        connect.Length.ShouldBe(16);
        await AnswerAsync(0, Transaction(connect), "1122334455667788");

        var announce = await ReceiveAsync();
        Convert.ToHexStringLower(announce.AsSpan(0, 12)).ShouldBe("112233445566778800000001");
        Convert.ToHexStringLower(announce.AsSpan(16)).ShouldBe(
            "0041ff2e5f7e2d20253031327a5a39ffb0b1b2b3" + "2d5049303130302d6162636465666768696a6b6c"
            + "0000000000000002" + "0000000000000003" + "0000000000000001" + "00000002" + "00000000" + "deadbeef" + "00000032" + "1ae1"
            + "020d" + Convert.ToHexStringLower("/announce?k=v"u8));
        await AnswerAsync(1, Transaction(announce), "00000708" + "00000007" + "00000005" + "0a0000011ae1" + "0a0000020000");

        var answer = await announcing;
        answer.Interval.ShouldBe(TimeSpan.FromMinutes(30));
        answer.TrackerAddress.ShouldBe(IPAddress.Loopback);
        answer.Seeders.ShouldBe(5);
        answer.Leechers.ShouldBe(7);
        answer.Peers.ShouldBe([IPEndPoint.Parse("10.0.0.1:6881")], "nobody listens on port 0");
    }

    [Fact]
    public async Task A_connection_id_serves_for_a_minute()
    {
        using var tracker = Make();
        await ServeAsync(tracker.AnnounceAsync(TrackerSamples.Request(), Cancellation), connects: true);
        _clock.Advance(TimeSpan.FromSeconds(59));
        await ServeAsync(tracker.AnnounceAsync(TrackerSamples.Request(), Cancellation), connects: false);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await ServeAsync(tracker.AnnounceAsync(TrackerSamples.Request(), Cancellation), connects: true);
    }

    [Fact]
    public async Task An_unanswered_packet_is_sent_again_later_and_later()
    {
        using var tracker = Make();
        var announcing = tracker.AnnounceAsync(TrackerSamples.Request(), Cancellation);
        foreach (var seconds in new[] { 15, 30, 60 })
        {
            var connect = await ReceiveAsync();
            connect.Length.ShouldBe(16);
            await AdvanceAsync(TimeSpan.FromSeconds(seconds));
        }

        (await Should.ThrowAsync<TrackerException>(() => announcing)).Message.ShouldContain("no answer to 3 packets");
        (await Should.ThrowAsync<TrackerException>(() => tracker.AnnounceAsync(TrackerSamples.Request(), Cancellation)))
            .Message.ShouldContain("within the last minute");
        _clock.Advance(TimeSpan.FromMinutes(1));
        await ServeAsync(tracker.AnnounceAsync(TrackerSamples.Request(), Cancellation), connects: true);
    }

    [Fact]
    public async Task A_lost_announce_is_sent_again_on_the_same_connection()
    {
        using var tracker = Make();
        var announcing = tracker.AnnounceAsync(TrackerSamples.Request(), Cancellation);
        await AnswerAsync(0, Transaction(await ReceiveAsync()), "1122334455667788");
        (await ReceiveAsync()).Length.ShouldBe(98);
        await AdvanceAsync(TimeSpan.FromSeconds(15));
        await AnswerAsync(1, Transaction(await ReceiveAsync()), "000007080000000000000000");
        (await announcing).Peers.ShouldBeEmpty();
    }

    [Fact]
    public async Task Packets_of_other_transactions_are_not_believed()
    {
        using var tracker = Make();
        var announcing = tracker.AnnounceAsync(TrackerSamples.Request(), Cancellation);
        var connect = await ReceiveAsync();
        await AnswerAsync(0, Transaction(connect) + 1, "ffffffffffffffff");
        await _server.SendToAsync(new byte[3], _client, Cancellation);
        await AnswerAsync(0, Transaction(connect), "1122334455667788");
        var announce = await ReceiveAsync();
        BinaryPrimitives.ReadInt64BigEndian(announce).ShouldBe(0x1122334455667788);
        await AnswerAsync(1, Transaction(announce), "000007080000000000000000");
        await announcing;
    }

    [Theory]
    [InlineData(3, "6e6f7065", "it refused: nope", true)]
    [InlineData(3, "6e6f1b5b324a70650a00", "it refused: no [2Jpe", true)]
    [InlineData(0, "", "may not serve this torrent", true)]
    [InlineData(1, "0000", "in 10 bytes instead of 0 in at least 16", false)]
    [InlineData(0, "0000", "in 10 bytes instead of 0 in at least 16", false)]
    public async Task Refusals_and_nonsense_are_errors(int action, string body, string problem, bool isRefusal)
    {
        using var tracker = Make();
        var announcing = tracker.AnnounceAsync(TrackerSamples.Request(), Cancellation);
        await AnswerAsync(action, Transaction(await ReceiveAsync()), body);
        var error = await Should.ThrowAsync<TrackerException>(() => announcing);
        error.Message.ShouldContain(problem);
        error.IsRefusal.ShouldBe(isRefusal);
    }

    [Fact]
    public async Task Half_a_peer_is_an_error()
    {
        using var tracker = Make();
        var announcing = tracker.AnnounceAsync(TrackerSamples.Request(), Cancellation);
        await AnswerAsync(0, Transaction(await ReceiveAsync()), "1122334455667788");
        await AnswerAsync(1, Transaction(await ReceiveAsync()), "0000070800000000000000000a0000");
        (await Should.ThrowAsync<TrackerException>(() => announcing)).Message.ShouldContain("3 bytes of peers");
    }

    [Fact]
    public async Task Scrapes_in_portions()
    {
        using var tracker = Make();
        var hashes = Enumerable.Range(0, 75).Select(number => new InfoHash([.. new byte[19], (byte)number])).ToArray();
        var scraping = tracker.ScrapeAsync(hashes, Cancellation);
        await AnswerAsync(0, Transaction(await ReceiveAsync()), "1122334455667788");
        foreach (var portion in new[] { 74, 1 })
        {
            var scrape = await ReceiveAsync();
            Convert.ToHexStringLower(scrape.AsSpan(8, 4)).ShouldBe("00000002");
            scrape.Length.ShouldBe(16 + (portion * 20));
            await AnswerAsync(2, Transaction(scrape), string.Concat(Enumerable.Repeat("0000000300000009ffffffff", portion)));
        }

        var counts = await scraping;
        counts.Count.ShouldBe(75);
        counts[hashes[74]].ShouldBe(new SwarmCounts(3, 9, 0));
    }

    [Fact]
    public async Task A_tracker_that_is_not_there_is_noticed_at_once()
    {
        var port = ((IPEndPoint)_server.LocalEndPoint!).Port;
        _server.Dispose();
        using var tracker = new UdpTracker(new Uri($"udp://127.0.0.1:{port}"), _clock);
        (await Should.ThrowAsync<TrackerException>(() => tracker.AnnounceAsync(TrackerSamples.Request(), Cancellation)))
            .Message.ShouldContain("cannot be asked");
    }

    [Fact]
    public void An_address_without_a_port_is_refused() =>
        Should.Throw<ArgumentException>(() => new UdpTracker(new Uri("udp://t/announce"), _clock));

    private UdpTracker Make(string path = "") =>
        new(new Uri($"udp://127.0.0.1:{((IPEndPoint)_server.LocalEndPoint!).Port}{path}"), _clock);

    private async Task ServeAsync(Task announcing, bool connects)
    {
        if (connects)
        {
            var connect = await ReceiveAsync();
            connect.Length.ShouldBe(16);
            await AnswerAsync(0, Transaction(connect), "1122334455667788");
        }

        var announce = await ReceiveAsync();
        announce.Length.ShouldBe(98);
        await AnswerAsync(1, Transaction(announce), "000007080000000000000000");
        await announcing;
    }

    private async Task<byte[]> ReceiveAsync()
    {
        var received = await _server.ReceiveFromAsync(_packet, SocketFlags.None, _client, Cancellation);
        _client = received.RemoteEndPoint;
        return _packet[..received.ReceivedBytes];
    }

    // The packet may arrive before the client has armed its timeout.
    private async Task AdvanceAsync(TimeSpan step)
    {
        await Pier.TestKit.Eventually.TrueAsync(
            () => _clock.NextDue <= _clock.GetUtcNow() + step, "the client waits for an answer", Eventually.Patience, Cancellation);
        _clock.Advance(step);
    }

    private async Task AnswerAsync(int action, int transaction, string bodyHex)
    {
        var packet = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(packet, action);
        BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(4), transaction);
        await _server.SendToAsync((byte[])[.. packet, .. Convert.FromHexString(bodyHex)], _client, Cancellation);
    }

    private static int Transaction(byte[] request) => BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(12));
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Datagrams;
using Pier.BitTorrent.Engine;
using Pier.TestKit;
using Pier.TestKit.Logging;
using Pier.TestKit.Processes;

namespace Pier.UnitTests.BitTorrent.Datagrams;

/// <summary>One UDP port for several protocols, on the number of the TCP port.</summary>
public sealed class DatagramDoorTests
{
    private static readonly IPEndPoint Anywhere = new(IPAddress.Loopback, 0);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_datagram_goes_to_the_handler_that_knows_its_first_bytes()
    {
        await using var engine = NewEngine();
        var dht = new Handler((byte)'d');
        var tracker = new Handler(0);
        engine.Datagrams.Add(dht);
        engine.Datagrams.Add(tracker);
        await engine.StartAsync(Token);
        engine.Datagrams.EndPoint.ShouldBe(engine.ListenEndPoint);

        using var client = Client();
        await client.SendAsync("d1:ad"u8.ToArray(), engine.ListenEndPoint, Token);
        await client.SendAsync(new byte[] { 7 }, engine.ListenEndPoint, Token);
        await client.SendAsync(new byte[] { 0, 0, 4 }, engine.ListenEndPoint, Token);

        await Eventually.TrueAsync(() => dht.Got.Count == 1 && tracker.Got.Count == 1, "both got theirs", Eventually.Patience, Token);
        dht.Got.Single().ShouldBe("64313A6164");
        dht.From!.Port.ShouldBe(((IPEndPoint)client.Client.LocalEndPoint!).Port);
    }

    [Fact]
    public async Task A_handler_answers_whoever_asked_and_a_defect_in_one_costs_one_datagram()
    {
        await using var engine = NewEngine();
        var echo = new Handler((byte)'d') { Answer = (bytes, from) => engine.Datagrams.Send(bytes.AsSpan(1), from).ShouldBeTrue() };
        engine.Datagrams.Add(new Handler((byte)'!') { Answer = (_, _) => throw new InvalidOperationException("a defect") });
        engine.Datagrams.Add(echo);
        await engine.StartAsync(Token);

        using var client = Client();
        await client.SendAsync("!"u8.ToArray(), engine.ListenEndPoint, Token);
        await client.SendAsync("dx"u8.ToArray(), engine.ListenEndPoint, Token);

        var answer = await client.ReceiveAsync(Token).AsTask().WaitAsync(Eventually.Patience, Token);
        answer.Buffer.ShouldBe("x"u8.ToArray());
    }

    [Fact]
    public async Task A_door_that_nobody_asked_for_stays_shut()
    {
        await using var engine = NewEngine();
        await engine.StartAsync(Token);

        engine.Datagrams.EndPoint.ShouldBeNull();
        engine.Datagrams.Send("d"u8, engine.ListenEndPoint).ShouldBeFalse();
        Should.Throw<InvalidOperationException>(() => engine.Datagrams.Add(new Handler(0)));
    }

    [Fact]
    public async Task The_door_moves_with_the_listener_and_hears_IPv4_on_a_socket_of_both_families()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "IPv6 is off on this machine");
        await using var engine = NewEngine();
        var handler = new Handler((byte)'d') { Answer = (_, from) => engine.Datagrams.Send("ok"u8, from) };
        engine.Datagrams.Add(handler);
        await engine.StartAsync(Token);
        var port = engine.ListenEndPoint.Port;

        await engine.MoveListenerAsync(new IPEndPoint(IPAddress.IPv6Any, port), Token);

        engine.Datagrams.EndPoint.ShouldBe(new IPEndPoint(IPAddress.IPv6Any, port));
        using var client = Client();
        await client.SendAsync("d"u8.ToArray(), new IPEndPoint(IPAddress.Loopback, port), Token);
        (await client.ReceiveAsync(Token).AsTask().WaitAsync(Eventually.Patience, Token)).Buffer.ShouldBe("ok"u8.ToArray());
        handler.From!.Address.ShouldBe(IPAddress.Loopback);
    }

    [Fact]
    public async Task A_taken_UDP_port_refuses_the_start_and_leaves_nothing_open()
    {
        var taken = new IPEndPoint(IPAddress.Loopback, FreePort.Next(alsoUdp: true));
        using var other = new UdpClient(taken);
        await using var engine = new BitTorrentEngine(new BitTorrentOptions { Listen = taken }, TimeProvider.System, new CollectedLogs());
        engine.Datagrams.Add(new Handler(0));

        await Should.ThrowAsync<SocketException>(() => engine.StartAsync(Token));

        using var listener = new TcpListener(taken);
        listener.Start();
    }

    private static BitTorrentEngine NewEngine() =>
        new(new BitTorrentOptions { Listen = Anywhere }, TimeProvider.System, new CollectedLogs());

    private static UdpClient Client() => new(Anywhere);

    private sealed class Handler(byte first) : IDatagramHandler
    {
        public ConcurrentQueue<string> Got { get; } = new();

        public IPEndPoint? From { get; private set; }

        public Action<byte[], IPEndPoint>? Answer { get; init; }

        public bool Knows(ReadOnlySpan<byte> datagram) => !datagram.IsEmpty && datagram[0] == first;

        public void Receive(ReadOnlySpan<byte> datagram, IPEndPoint from)
        {
            From = from;
            Got.Enqueue(Convert.ToHexString(datagram));
            Answer?.Invoke(datagram.ToArray(), from);
        }
    }
}

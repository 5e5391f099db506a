using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pier.Benchmarks.Swarm;

/// <summary>Clients that announce as fast as they are answered.</summary>
internal static class AnnounceLoad
{
    /// <summary>Swarms that are announced to.</summary>
    public const int Swarms = 500;

    /// <summary>Peers of each.</summary>
    public const int PeersPerSwarm = 200;

    private const int Clients = 8;

    // Requests of one socket on their way: enough that it never waits for a turn of the loop.
    private const int Window = 16;
    private const int AnnounceSize = 98;
    private const long ProtocolId = 0x41727101980;

    /// <summary>Announces every peer of every swarm once.</summary>
    public static async Task FillAsync(IPEndPoint tracker, CancellationToken cancellationToken)
    {
        using var socket = Open(tracker);
        var packet = Announce(await ConnectAsync(socket, cancellationToken));
        var answer = new byte[2048];
        for (var number = 0; number < Swarms * PeersPerSwarm; number++)
        {
            Address(packet, number);
            await socket.SendAsync(packet, cancellationToken);
            await socket.ReceiveAsync(answer, cancellationToken);
        }
    }

    /// <summary>Announces over UDP.</summary>
    /// <returns>Answers with peers that came.</returns>
    public static Task<long> UdpAsync(IPEndPoint tracker, TimeSpan span, CancellationToken cancellationToken) =>
        TogetherAsync(span, (client, isOver) => UdpClientAsync(tracker, client, isOver, cancellationToken));

    /// <summary>Announces over HTTP.</summary>
    /// <param name="tracker">Where.</param>
    /// <param name="span">For how long.</param>
    /// <param name="staysOpen">Connections serve one announce after another; else each has its own, as trackers want it that hang up.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Answers with peers that came.</returns>
    public static Task<long> HttpAsync(IPEndPoint tracker, TimeSpan span, bool staysOpen, CancellationToken cancellationToken) =>
        TogetherAsync(span, (client, isOver) => HttpClientAsync(tracker, client, isOver, staysOpen, cancellationToken));

    private static async Task<long> TogetherAsync(TimeSpan span, Func<int, Func<bool>, Task<long>> client)
    {
        var start = TimeProvider.System.GetTimestamp();
        bool IsOver() => TimeProvider.System.GetElapsedTime(start) >= span;
        return (await Task.WhenAll(Enumerable.Range(0, Clients).Select(number => Task.Run(() => client(number, IsOver))))).Sum();
    }

    private static async Task<long> UdpClientAsync(IPEndPoint tracker, int client, Func<bool> isOver, CancellationToken cancellationToken)
    {
        using var socket = Open(tracker);
        var packet = Announce(await ConnectAsync(socket, cancellationToken));
        var answer = new byte[2048];
        var number = client * 7919;
        for (var sent = 0; sent < Window; sent++)
        {
            Address(packet, number++);
            await socket.SendAsync(packet, cancellationToken);
        }

        var answers = 0L;
        while (!isOver())
        {
            var length = await socket.ReceiveAsync(answer, cancellationToken);
            answers += length > 20 && answer[3] == 1 ? 1 : throw new InvalidDataException($"{length} bytes with action {answer[3]} answer an announce");
            Address(packet, number++);
            await socket.SendAsync(packet, cancellationToken);
        }

        return answers;
    }

    private static async Task<long> HttpClientAsync(IPEndPoint tracker, int client, Func<bool> isOver, bool staysOpen, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.ConnectionClose = !staysOpen;
        var number = client * 7919;
        var answers = 0L;
        while (!isOver())
        {
            var swarm = number % Swarms;
            var hash = string.Concat(InfoHash(swarm).Select(value => $"%{value:x2}"));
            var port = 10_000 + number++ / Swarms % PeersPerSwarm;
            var announce = new Uri($"http://{tracker}/announce?info_hash={hash}&peer_id=-BM0001-{port:000000000000}&port={port}&uploaded=0&downloaded=0&left=1&compact=1&numwant=50");
            byte[] body;
            try
            {
                body = await http.GetByteArrayAsync(announce, cancellationToken);
            }
            catch (HttpRequestException) when (!staysOpen)
            {
                // It hung up before its answer was read: that is none.
                continue;
            }

            answers += body.AsSpan().IndexOf("5:peers300:"u8) > 0 ? 1 : throw new InvalidDataException(Encoding.Latin1.GetString(body));
        }

        return answers;
    }

    private static Socket Open(IPEndPoint tracker)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5000 };
        socket.Connect(tracker);
        return socket;
    }

    private static async Task<long> ConnectAsync(Socket socket, CancellationToken cancellationToken)
    {
        var packet = new byte[16];
        BinaryPrimitives.WriteInt64BigEndian(packet, ProtocolId);
        await socket.SendAsync(packet, cancellationToken);
        await socket.ReceiveAsync(packet, cancellationToken);
        return BinaryPrimitives.ReadInt64BigEndian(packet.AsSpan(8));
    }

    private static byte[] Announce(long connection)
    {
        var packet = new byte[AnnounceSize];
        BinaryPrimitives.WriteInt64BigEndian(packet, connection);
        packet[11] = 1;
        packet[71] = 1;
        BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(92), 50);
        return packet;
    }

    private static void Address(Span<byte> packet, int number)
    {
        InfoHash(number % Swarms).CopyTo(packet[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(packet[96..], (ushort)(10_000 + number / Swarms % PeersPerSwarm));
    }

    /// <summary>The name of a swarm.</summary>
    public static byte[] InfoHash(int swarm)
    {
        var hash = new byte[20];
        BinaryPrimitives.WriteInt32BigEndian(hash, swarm + 1);
        return hash;
    }
}

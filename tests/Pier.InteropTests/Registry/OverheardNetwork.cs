using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pier.InteropTests.Registry;

/// <summary>
/// A tracker (BEP 15) and a node of the DHT (BEP 5) on one UDP port of loopback, which say as little as is polite and keep every
/// datagram that comes.
/// </summary>
internal sealed class OverheardNetwork : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly ConcurrentQueue<byte[]> _heard = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _answering;

    public OverheardNetwork()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _answering = AnswerAsync();
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Whether a tracker's packet had these bytes in it.</summary>
    public bool TrackerHeard(byte[] name) => _heard.Any(packet => packet[0] != 'd' && packet.AsSpan().IndexOf(name) >= 0);

    /// <summary>Whether a packet of the DHT had.</summary>
    public bool DhtHeard(byte[] name) => _heard.Any(packet => packet[0] == 'd' && packet.AsSpan().IndexOf(name) >= 0);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _answering;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task AnswerAsync()
    {
        var buffer = new byte[2048];
        try
        {
            while (true)
            {
                var got = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                var packet = buffer[..got.ReceivedBytes];
                if (packet.Length < 16)
                {
                    continue;
                }
                _heard.Enqueue(packet);
                var answer = packet[0] == 'd' ? AsDht(packet) : AsTracker(packet);
                await _socket.SendToAsync(answer, SocketFlags.None, got.RemoteEndPoint, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    /// <summary>Connect, announce and scrape: nobody else is there.</summary>
    private static byte[] AsTracker(byte[] packet)
    {
        var action = BinaryPrimitives.ReadInt32BigEndian(packet.AsSpan(8));
        var answer = new byte[action == 0 ? 16 : 20];
        packet.AsSpan(8, 8).CopyTo(answer);
        if (action == 1)
        {
            BinaryPrimitives.WriteInt32BigEndian(answer.AsSpan(8), 1800);
        }
        return answer;
    }

    /// <summary>Knows no other node and no peer, and takes announcements.</summary>
    private static byte[] AsDht(byte[] packet)
    {
        var start = packet.AsSpan().LastIndexOf("1:t"u8) + 3;
        var colon = start + packet.AsSpan(start).IndexOf((byte)':');
        var length = int.Parse(Encoding.ASCII.GetString(packet, start, colon - start), CultureInfo.InvariantCulture);
        return [.. "d1:rd2:id20:overheard-by-a-test-5:nodes0:5:token4:takee1:t"u8, .. packet[start..(colon + 1 + length)], .. "1:y1:re"u8];
    }
}

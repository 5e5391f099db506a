using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.UnitTests.BitTorrent.Swarms;

/// <summary>A peer whose every byte the test decides.</summary>
internal sealed class FakePeer : IDisposable
{
    private readonly NetworkStream _stream;
    private readonly byte[] _buffer = new byte[2 << 20];
    private int _filled;

    private FakePeer(NetworkStream stream) => _stream = stream;

    /// <summary>Where the engine sees it.</summary>
    public IPEndPoint LocalEndPoint => (IPEndPoint)_stream.Socket.LocalEndPoint!;

    /// <summary>Connects to an engine; says nothing yet.</summary>
    public static async Task<FakePeer> ConnectAsync(IPEndPoint engine, CancellationToken cancellationToken, IPAddress? from = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(from ?? IPAddress.Any, 0));
        await socket.ConnectAsync(engine, cancellationToken);
        return new FakePeer(new NetworkStream(socket, ownsSocket: true));
    }

    /// <summary>Connects and shakes hands.</summary>
    public static async Task<FakePeer> MeetAsync(
        IPEndPoint engine,
        InfoHash infoHash,
        CancellationToken cancellationToken,
        ReservedBits reserved = ReservedBits.Fast | ReservedBits.Extensions,
        PeerId? self = null,
        IPAddress? from = null)
    {
        var peer = await ConnectAsync(engine, cancellationToken, from);
        var handshake = new byte[Handshake.Size];
        new Handshake(reserved, infoHash, self ?? PeerId.Create()).CopyTo(handshake);
        await peer.SendAsync(handshake, cancellationToken);
        await peer._stream.ReadExactlyAsync(handshake, cancellationToken);
        Handshake.Parse(handshake).InfoHash.ShouldBe(infoHash);
        return peer;
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => _stream.WriteAsync(bytes, cancellationToken);

    public ValueTask SendAsync(Action<WireWriter> write, CancellationToken cancellationToken)
    {
        var output = new ArrayBufferWriter<byte>();
        write(new WireWriter(output));
        return SendAsync(output.WrittenMemory, cancellationToken);
    }

    /// <summary>Tells that it has every piece and would give them.</summary>
    public ValueTask OfferAllAsync(CancellationToken cancellationToken) => SendAsync(
        writer =>
        {
            writer.Empty(MessageId.HaveAll);
            writer.Empty(MessageId.Unchoke);
        },
        cancellationToken);

    /// <summary>Sends one byte, unless the engine has hung up.</summary>
    public void Drip(byte value)
    {
        try
        {
            _stream.WriteByte(value);
        }
        catch (IOException)
        {
            // The engine hung up; the test sees that elsewhere.
        }
    }

    /// <summary>Reads messages until one of that kind comes, and returns its payload.</summary>
    /// <param name="id">The kind.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="before">Takes the kinds of the messages that came before it.</param>
    public async Task<byte[]> ExpectAsync(MessageId id, CancellationToken cancellationToken, ICollection<MessageId>? before = null)
    {
        while (true)
        {
            if (TryTake(id, before, out var payload))
            {
                return payload;
            }

            var read = await _stream.ReadAsync(_buffer.AsMemory(_filled), cancellationToken);
            if (read == 0)
            {
                throw new EndOfStreamException($"the engine hung up before it sent {id}");
            }

            _filled += read;
        }
    }

    /// <summary>Waits until the engine hangs up.</summary>
    public async Task ExpectHangUpAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _stream.ReadAsync(_buffer, cancellationToken) > 0)
            {
                // Whatever it still says before it goes.
            }
        }
        catch (IOException)
        {
            // A reset is a way to hang up, too.
        }
    }

    public void Dispose() => _stream.Dispose();

    private bool TryTake(MessageId wanted, ICollection<MessageId>? before, out byte[] payload)
    {
        var reader = new WireReader(_buffer.AsSpan(0, _filled));
        while (reader.TryRead(out var message))
        {
            if (message.Id == wanted)
            {
                payload = message.Payload.ToArray();
                Keep(reader.Consumed);
                return true;
            }

            before?.Add(message.Id);
        }

        Keep(reader.Consumed);
        payload = [];
        return false;
    }

    private void Keep(int consumed)
    {
        _buffer.AsSpan(consumed, _filled - consumed).CopyTo(_buffer);
        _filled -= consumed;
    }
}

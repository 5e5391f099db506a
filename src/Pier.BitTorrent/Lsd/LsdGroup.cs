using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Pier.BitTorrent.Lsd;

/// <summary>The multicast group of one address family (BEP 14), on some interfaces.</summary>
internal sealed class LsdGroup : IDisposable
{
    /// <summary>The port of both groups.</summary>
    public const int Port = 6771;

    // Announces stay within the local network.
    private const int TimeToLive = 1;

    private readonly Socket _socket;
    private readonly HashSet<int> _joined = [];

    /// <param name="family">Which family.</param>
    /// <exception cref="SocketException">The port is taken by a program that shares it with nobody, or the family is off.</exception>
    public LsdGroup(AddressFamily family)
    {
        IsV4 = family == AddressFamily.InterNetwork;
        EndPoint = new IPEndPoint(IsV4 ? IPAddress.Parse("239.192.152.143") : IPAddress.Parse("ff15::efc0:988f"), Port);
        _socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            _socket.SetSocketOption(Level, SocketOptionName.PacketInformation, true);
            _socket.SetSocketOption(Level, SocketOptionName.MulticastTimeToLive, TimeToLive);
            _socket.SetSocketOption(Level, SocketOptionName.MulticastLoopback, true);
            _socket.Bind(new IPEndPoint(IsV4 ? IPAddress.Any : IPAddress.IPv6Any, Port));
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>The group.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Which family.</summary>
    public AddressFamily Family => _socket.AddressFamily;

    private bool IsV4 { get; }

    private SocketOptionLevel Level => IsV4 ? SocketOptionLevel.IP : SocketOptionLevel.IPv6;

    /// <summary>Listens to the group on these interfaces and no others.</summary>
    public void Join(IReadOnlyList<LsdInterface> interfaces)
    {
        lock (_joined)
        {
            foreach (var gone in _joined.Where(index => interfaces.All(network => network.Index != index)).ToArray())
            {
                _joined.Remove(gone);
                TrySet(SocketOptionName.DropMembership, gone);
            }

            foreach (var network in interfaces)
            {
                if (!_joined.Contains(network.Index) && TrySet(SocketOptionName.AddMembership, network.Index))
                {
                    _joined.Add(network.Index);
                }
            }
        }
    }

    /// <summary>Sends to the group on one interface; what cannot be sent is lost.</summary>
    public void Send(ReadOnlySpan<byte> datagram, LsdInterface network)
    {
        try
        {
            Span<byte> index = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(index, network.Index);
            _socket.SetSocketOption(Level, SocketOptionName.MulticastInterface, IsV4 ? network.Address.GetAddressBytes() : index.ToArray());
            _socket.SendTo(datagram, SocketFlags.None, EndPoint);
        }
        catch (SocketException)
        {
            // The interface is down, or knows no multicast.
        }
    }

    /// <summary>Waits for an announce.</summary>
    /// <returns>Its length and its sender; null for a datagram that was not sent to the group on an interface of ours.</returns>
    /// <exception cref="SocketException">Receiving failed.</exception>
    /// <exception cref="ObjectDisposedException">The group was left.</exception>
    public async ValueTask<(int Length, IPAddress From)?> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var anywhere = new IPEndPoint(IsV4 ? IPAddress.Any : IPAddress.IPv6Any, 0);
        var received = await _socket.ReceiveMessageFromAsync(buffer, SocketFlags.None, anywhere, cancellationToken);
        var from = ((IPEndPoint)received.RemoteEndPoint).Address;
        lock (_joined)
        {
            // Sent to ourselves from far away, it would tell of peers where there is no local network.
            return received.PacketInformation.Address?.Equals(EndPoint.Address) == true && _joined.Contains(received.PacketInformation.Interface)
                ? (received.ReceivedBytes, from)
                : null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private bool TrySet(SocketOptionName option, int index)
    {
        try
        {
            object value = IsV4 ? new MulticastOption(EndPoint.Address, index) : new IPv6MulticastOption(EndPoint.Address, index);
            _socket.SetSocketOption(Level, option, value);
            return true;
        }
        catch (SocketException)
        {
            // The interface went away meanwhile, or knows no multicast.
            return false;
        }
    }
}

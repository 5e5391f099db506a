using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Trackers;

namespace Pier.BitTorrent.Tracking;

/// <summary>Where a peer listens, by value: a tracker keeps and compares many thousands. IPv4 addresses are kept as mapped ones.</summary>
public readonly record struct PeerAddress
{
    private const ulong MappedPrefix = 0xffff;
    private const ulong LoopbackV6 = 1;

    private readonly ulong _high;
    private readonly ulong _low;
    private readonly ushort _port;

    /// <param name="address">IPv4, IPv6, or IPv4 mapped into IPv6, which counts as IPv4.</param>
    /// <param name="port">The port.</param>
    public PeerAddress(IPAddress address, ushort port)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            address.TryWriteBytes(bytes, out _);
            _low = (MappedPrefix << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes);
        }
        else
        {
            address.TryWriteBytes(bytes, out _);
            _high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
            _low = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        }

        _port = port;
    }

    private PeerAddress(ulong high, ulong low) => (_high, _low) = (high, low);

    /// <summary>The port.</summary>
    public int Port => _port;

    /// <summary>Whether it is an IPv4 address.</summary>
    public bool IsV4 => _high == 0 && _low >> 32 == MappedPrefix;

    /// <summary>Whether it means the host that says it.</summary>
    public bool IsLoopback => IsV4 ? (byte)(_low >> 24) == 127 : _high == 0 && _low == LoopbackV6;

    /// <summary>Its host, without the port: the whole IPv4 address, the first 64 bits of an IPv6 one.</summary>
    internal PeerAddress Host => new(_high, IsV4 ? _low : 0);

    /// <summary>Bytes of its compact form (BEP 7, 23).</summary>
    public int CompactSize => IsV4 ? CompactPeers.V4Size : CompactPeers.V6Size;

    /// <summary>Whether both are the same host's, whatever the port.</summary>
    public bool SharesHost(PeerAddress other) => _high == other._high && _low == other._low;

    /// <summary>Whether both are probably in one network: the first 24 bits of IPv4, 64 of IPv6.</summary>
    public bool SharesSubnet(PeerAddress other) =>
        IsV4 == other.IsV4 && (IsV4 ? _low >> 8 == other._low >> 8 : _high == other._high);

    /// <summary>Writes the compact form, <see cref="CompactSize"/> bytes.</summary>
    public void WriteCompact(Span<byte> destination)
    {
        var size = CompactSize;
        if (size == CompactPeers.V4Size)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)_low);
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
            BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _low);
        }

        BinaryPrimitives.WriteUInt16BigEndian(destination[(size - sizeof(ushort))..], _port);
    }

    /// <summary>The same as an end point.</summary>
    public IPEndPoint ToEndPoint()
    {
        Span<byte> bytes = stackalloc byte[CompactPeers.V6Size];
        WriteCompact(bytes);
        return new IPEndPoint(new IPAddress(bytes[..(CompactSize - sizeof(ushort))]), _port);
    }

    /// <inheritdoc/>
    public override string ToString() => ToEndPoint().ToString();
}

using System.Buffers.Binary;

namespace Pier.BitTorrent.Wire;

/// <summary>Cuts messages out of a receive buffer in place (BEP 3): no copies, no allocations.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> received)
{
    private readonly ReadOnlySpan<byte> _received = received;

    /// <summary>Bytes of whole messages read so far.</summary>
    public int Consumed { get; private set; }

    /// <summary>
    /// Bytes that the next message needs altogether, once its prefix has arrived; what the buffer must be able to hold.
    /// </summary>
    public int NextLength { get; private set; } = WireLimits.PrefixLength;

    /// <summary>Reads the next whole message, passing over keep-alives; false when more bytes are needed.</summary>
    /// <exception cref="WireException">The announced length is beyond its bound.</exception>
    public bool TryRead(out WireMessage message)
    {
        message = default;
        while (true)
        {
            var rest = _received[Consumed..];
            NextLength = WireLimits.PrefixLength;
            if (rest.Length < WireLimits.PrefixLength)
            {
                return false;
            }

            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length == 0)
            {
                Consumed += WireLimits.PrefixLength;
                continue;
            }

            if (rest.Length == WireLimits.PrefixLength)
            {
                CheckLength(length, WireLimits.MaxMessageLength);
                NextLength++;
                return false;
            }

            var id = (MessageId)rest[WireLimits.PrefixLength];
            CheckLength(length, id == MessageId.Piece ? WireLimits.MaxBlockLength + 9 : WireLimits.MaxMessageLength);
            NextLength = WireLimits.PrefixLength + (int)length;
            if (rest.Length < NextLength)
            {
                return false;
            }

            message = new WireMessage(id, rest[(WireLimits.PrefixLength + 1)..NextLength]);
            Consumed += NextLength;
            return true;
        }
    }

    private static void CheckLength(uint length, int bound)
    {
        if (length > bound)
        {
            throw new WireException($"a message of {length} bytes is beyond the bound of {bound}");
        }
    }
}

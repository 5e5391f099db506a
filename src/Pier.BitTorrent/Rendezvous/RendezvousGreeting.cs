using System.Buffers;
using System.Buffers.Binary;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Rendezvous;

/// <summary>
/// What follows the handshake on a rendezvous connection: each side says <c>pier</c> in its extension handshake before it says
/// anything else. Reads exactly that one message, so that the connection can go on as the torrent's.
/// </summary>
internal static class RendezvousGreeting
{
    /// <summary>Says <c>pier</c> and hears it.</summary>
    /// <param name="stream">The connection, its handshakes done.</param>
    /// <param name="ours">What we claim; <see cref="PierClaim.Seeking"/> when we only ask.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="WireException">The other side says something else first.</exception>
    public static async Task<PierClaim> ExchangeAsync(Stream stream, PierClaim ours, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>();
        new ExtensionHandshake { Pier = ours }.WriteTo(body);
        var message = new ArrayBufferWriter<byte>();
        new WireWriter(message).Extended(ExtensionHandshake.Id, body.WrittenSpan);
        await stream.WriteAsync(message.WrittenMemory, cancellationToken);
        return Parse(await ReadAsync(stream, cancellationToken)).Pier
            ?? throw new WireException("it met us on a rendezvous id and does not say 'pier'");
    }

    private static ExtensionHandshake Parse(ReadOnlySpan<byte> message)
    {
        if (message is not [(byte)MessageId.Extended, ExtensionHandshake.Id, ..])
        {
            throw new WireException("it says something else before the extension handshake");
        }

        return ExtensionHandshake.Parse(message[2..]);
    }

    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var prefix = new byte[WireLimits.PrefixLength];
        uint length;
        do
        {
            await stream.ReadExactlyAsync(prefix, cancellationToken);
            length = BinaryPrimitives.ReadUInt32BigEndian(prefix);
        }
        while (length == 0);

        if (length > WireLimits.MaxExtensionHandshake)
        {
            throw new WireException($"a first message of {length} bytes");
        }

        var message = new byte[length];
        await stream.ReadExactlyAsync(message, cancellationToken);
        return message;
    }
}

using System.Net;
using Pier.BitTorrent.Encryption;
using Pier.BitTorrent.Transports;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Peers;

/// <summary>Hears who connected: a plain handshake, or, when the first bytes are not one, an encrypted opening that holds one.</summary>
internal sealed class PeerGreeter(EncryptionRules rules, KnownKeys known)
{
    /// <summary>Reads the handshake of a connection that somebody made to us.</summary>
    /// <exception cref="WireException">Garbage, or an opening that is not taken here.</exception>
    /// <exception cref="IOException">The connection ended.</exception>
    public async Task<OpenedPeer> ReceiveAsync(AcceptedPeer accepted, CancellationToken cancellationToken)
    {
        var first = new byte[Handshake.Size];
        var filled = 0;
        while (filled < first.Length && Handshake.CanStartWith(first.AsSpan(0, filled)))
        {
            var read = await accepted.Stream.ReadAsync(first.AsMemory(filled), cancellationToken);
            if (read == 0)
            {
                throw new WireException($"the connection ended after {filled} bytes of the handshake");
            }

            filled += read;
        }

        if (!Handshake.CanStartWith(first.AsSpan(0, filled)))
        {
            return await DecryptAsync(accepted, first.AsMemory(0, filled), cancellationToken);
        }

        return rules.TakesPlain
            ? new OpenedPeer(accepted.Stream, Handshake.Parse(first))
            : throw new WireException("it speaks in the clear, where encryption is required");
    }

    private async Task<OpenedPeer> DecryptAsync(AcceptedPeer accepted, ReadOnlyMemory<byte> first, CancellationToken cancellationToken)
    {
        if (!rules.TakesEncrypted)
        {
            throw new WireException("the connection does not start with a BitTorrent handshake");
        }

        var responder = new MseResponder(known, offered => rules.Select(offered, accepted.EndPoint.Address), MseLimits.RandomPadding);
        var (stream, early) = await responder.AcceptAsync(accepted.Stream, first, cancellationToken);
        if (early.Length > 0)
        {
            stream = new EarlyStream(early, stream);
        }

        var handshake = await PeerHandshaker.ReceiveAsync(stream, cancellationToken);
        return new OpenedPeer(stream is EarlyStream done ? done.Rest : stream, handshake);
    }
}

/// <summary>A connection whose first handshake is known.</summary>
/// <param name="Stream">The connection as it goes on.</param>
/// <param name="Remote">The other side's handshake.</param>
internal readonly record struct OpenedPeer(Stream Stream, Handshake Remote);

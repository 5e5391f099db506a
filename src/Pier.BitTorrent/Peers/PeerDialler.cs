using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Encryption;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Transports;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Peers;

/// <summary>Connects to peers and shakes hands, encrypted or not as the rules say, the other way when the first is hung up on.</summary>
internal sealed class PeerDialler(
    IPeerTransport transport, EncryptionRules rules, BitTorrentOptions options, TimeProvider time, PeerId ours)
{
    /// <summary>Connects and shakes hands.</summary>
    /// <param name="endPoint">Where.</param>
    /// <param name="name">The name under which the torrent is met.</param>
    /// <param name="hasV2">Whether it has a v2 half.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="WireException">The peer does not answer as one.</exception>
    /// <exception cref="IOException">The connection ended.</exception>
    /// <exception cref="SocketException">Nobody answers there.</exception>
    /// <exception cref="OperationCanceledException">It took too long, or was given up.</exception>
    public async Task<OpenedPeer> ConnectAsync(IPEndPoint endPoint, InfoHash name, bool hasV2, CancellationToken cancellationToken)
    {
        var ways = rules.WaysTo(endPoint.Address);
        for (var way = 0; ; way++)
        {
            using var timeout = new CancellationTokenSource(options.HandshakeTimeout, time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            var stream = await transport.ConnectAsync(endPoint, linked.Token);
            try
            {
                return await OpenAsync(stream, ways[way], name, hasV2, linked.Token);
            }
            catch (Exception refused) when (way + 1 < ways.Count && IsRefusal(refused) && !cancellationToken.IsCancellationRequested)
            {
                // Some hang up on what they do not understand, some wait for more of it.
                await stream.DisposeAsync();
            }
            catch
            {
                await stream.DisposeAsync();
                throw;
            }
        }
    }

    private static bool IsRefusal(Exception failure) => failure is WireException or IOException or OperationCanceledException;

    private async Task<OpenedPeer> OpenAsync(Stream stream, bool encrypted, InfoHash name, bool hasV2, CancellationToken cancellationToken)
    {
        if (encrypted)
        {
            var first = PeerHandshaker.Encode(name, hasV2, options.Dht is not null, ours);
            stream = await MseInitiator.OpenAsync(stream, name, rules.Provided, first, MseLimits.RandomPadding, cancellationToken);
        }
        else
        {
            await PeerHandshaker.SendAsync(stream, name, hasV2, options.Dht is not null, ours, cancellationToken);
        }

        return new OpenedPeer(stream, await PeerHandshaker.ReceiveAsync(stream, cancellationToken));
    }
}

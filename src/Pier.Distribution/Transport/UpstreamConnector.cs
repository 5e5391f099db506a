using System.Net;
using System.Net.Sockets;
using Pier.Content.Uris;
using Pier.Distribution.Errors;

namespace Pier.Distribution.Transport;

/// <summary>Opens the TCP connections of an upstream: never to a forbidden address, whatever the name resolves to.</summary>
internal sealed class UpstreamConnector(TimeSpan timeout, TimeProvider time)
{
    /// <summary>Resolves, judges, connects.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var target = context.DnsEndPoint;
        HttpsSupport.Require(context.InitialRequestMessage.RequestUri);
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var addresses = await ResolveAsync(target, either.Token);
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(addresses, target.Port, either.Token);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new UpstreamException(
                UpstreamFailure.NotConnected, $"{target.Host}:{target.Port}: no connection in {timeout.TotalSeconds:0.#} s.", late);
        }
    }

    private static async Task<IPAddress[]> ResolveAsync(DnsEndPoint target, CancellationToken cancellationToken)
    {
        var found = await Dns.GetHostAddressesAsync(target.Host, cancellationToken);
        var allowed = Array.FindAll(found, address => !HostRules.IsForbiddenAddress(address));
        if (found.Length == 0)
        {
            throw new UpstreamException(UpstreamFailure.NameNotResolved, $"{target.Host}: the name has no address.");
        }

        if (allowed.Length == 0)
        {
            throw new UpstreamException(
                UpstreamFailure.ForbiddenTarget,
                $"{target.Host}: resolves to {found[0]}, a link-local or metadata address, which Pier never asks.");
        }

        return allowed;
    }
}

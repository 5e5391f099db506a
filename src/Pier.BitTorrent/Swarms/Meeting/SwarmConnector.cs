using System.Net;
using System.Net.Sockets;
using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Rendezvous;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms.Meeting;

/// <summary>Brings connections to a swarm's loop, from here and from the listener, and runs each to its end.</summary>
internal sealed class SwarmConnector(SwarmPort port, EngineServices services, Func<IPAddress, bool> admit, CancellationToken stopping)
    : IPeerDialler
{
    /// <summary>The torrent's names.</summary>
    public required TorrentId Id { get; init; }

    /// <summary>The names of a torrent with the same pieces, if there is one.</summary>
    public TorrentId? Twin { get; init; }

    /// <summary>Ids under which peers are met that have to say <c>pier</c> first.</summary>
    public IReadOnlyList<InfoHash> RendezvousIds { get; init; } = [];

    /// <summary>What we say there.</summary>
    public PierClaim? Claim { get; init; }

    /// <summary>Whether peers are met under the rendezvous id alone, because the torrent has no name yet.</summary>
    public bool IsProvisional { get; init; }

    /// <summary>Whether connections from or to this address are wanted.</summary>
    public bool Admits(IPAddress address) => !services.Bans.Contains(address) && admit(address);

    /// <summary>Connects in the background; false when too many connections are open or being made.</summary>
    public bool TryDial(IPEndPoint endPoint)
    {
        if (!services.Connections.TryDial())
        {
            return false;
        }

        if (!services.Connections.TryOpen())
        {
            services.Connections.EndDial();
            return false;
        }

        port.Tasks.Run(() => DialAsync(endPoint));
        return true;
    }

    /// <summary>Answers a peer that connected and named this torrent, and runs the connection in the background.</summary>
    public void Accept(Stream stream, IPEndPoint endPoint, Handshake remote) =>
        port.Tasks.Run(() => AnswerAsync(stream, endPoint, remote));

    /// <summary>Goes on with a connection whose handshakes are done.</summary>
    public void Continue(Stream stream, IPEndPoint endPoint, Handshake remote) =>
        port.Tasks.Run(() => RunAsync(new PeerLink(stream, endPoint, isOutgoing: true, remote, port)));

    private async Task DialAsync(IPEndPoint endPoint)
    {
        PeerLink link;
        try
        {
            if (!services.Connections.HasRoom(services.Classes.Of(endPoint.Address)))
            {
                throw new IOException("there are enough connections of its class");
            }

            link = await ConnectByAnyNameAsync(endPoint);
        }
        catch (Exception failure) when (IsExpected(failure))
        {
            services.Connections.Close();
            services.Log.DialFailed(endPoint, failure.Message);
            await port.PostAsync(new SwarmEvent.DialFailed(endPoint, failure is HopelessPeerException), CancellationToken.None);
            return;
        }
        finally
        {
            services.Connections.EndDial();
        }

        await RunAsync(link);
    }

    private async Task<PeerLink> ConnectByAnyNameAsync(IPEndPoint endPoint)
    {
        if (IsProvisional)
        {
            return await MeetAsync(endPoint, RendezvousIds[0]);
        }

        try
        {
            return await ConnectAsync(endPoint, Id.Primary, Id.V2 is not null);
        }
        catch (Exception hungUp) when (Twin is not null && hungUp is WireException or IOException)
        {
            // It hung up on the name, as whoever knows only the twin does.
            return await ConnectAsync(endPoint, Twin.Primary, hasV2: false);
        }
    }

    private async Task<PeerLink> MeetAsync(IPEndPoint endPoint, InfoHash rendezvousId)
    {
        var (stream, remote) = await services.Doors.Dialler.ConnectAsync(endPoint, rendezvousId, hasV2: false, stopping);
        try
        {
            Check(endPoint, remote);
            using var timeout = new CancellationTokenSource(services.Options.HandshakeTimeout, services.Time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
            var theirs = await RendezvousGreeting.ExchangeAsync(stream, PierClaim.Seeking, linked.Token);
            return remote.InfoHash == rendezvousId && theirs.Id is null
                ? new PeerLink(stream, endPoint, isOutgoing: true, remote, port)
                : throw new WireException("the peer holds the sealed blob, or is there for another");
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private async Task<PeerLink> ConnectAsync(IPEndPoint endPoint, InfoHash name, bool hasV2)
    {
        var (stream, remote) = await services.Doors.Dialler.ConnectAsync(endPoint, name, hasV2, stopping);
        try
        {
            if (remote.InfoHash != name && !Id.WireHashes.Contains(remote.InfoHash))
            {
                throw new WireException($"the peer answered for torrent {remote.InfoHash}");
            }

            Check(endPoint, remote);
            return new PeerLink(stream, endPoint, isOutgoing: true, remote, port);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private async Task AnswerAsync(Stream stream, IPEndPoint endPoint, Handshake remote)
    {
        try
        {
            CheckBans(endPoint, remote);
            using var timeout = new CancellationTokenSource(services.Options.HandshakeTimeout, services.Time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
            var hasV2 = Id.V2 is not null && !port.IsTwin(remote.InfoHash);
            await PeerHandshaker.SendAsync(stream, remote.InfoHash, hasV2, services.Options.Dht is not null, services.PeerId, linked.Token);

            // Not before: at the other end we are to hear that it is ourselves, and to dial neither in another way nor again.
            Check(endPoint, remote);
            if (RendezvousIds.Contains(remote.InfoHash))
            {
                await RendezvousGreeting.ExchangeAsync(stream, Claim ?? PierClaim.Seeking, linked.Token);
            }
        }
        catch (Exception failure) when (IsExpected(failure))
        {
            services.Log.IncomingRefused(endPoint, failure.Message);
            services.Connections.Close();
            await stream.DisposeAsync();
            return;
        }

        await RunAsync(new PeerLink(stream, endPoint, isOutgoing: false, remote, port));
    }

    /// <summary>Runs a connection, for which a place was taken, to its end.</summary>
    public async Task RunAsync(PeerLink link)
    {
        if (!services.Connections.TryEnter(link.Class))
        {
            await RefuseAsync(link);
            return;
        }

        await using (link)
        {
            await port.PostAsync(new SwarmEvent.LinkOpened(link), CancellationToken.None);
            var cause = await link.RunAsync(stopping);
            services.Connections.Leave(link.Class);
            services.Connections.Close();
            await port.PostAsync(new SwarmEvent.LinkClosed(link, cause), CancellationToken.None);
        }
    }

    private async Task RefuseAsync(PeerLink link)
    {
        await link.DisposeAsync();
        services.Connections.Close();
        services.Log.IncomingRefused(link.EndPoint, $"there are enough connections of class {link.Class}");
        if (link.IsOutgoing)
        {
            await port.PostAsync(new SwarmEvent.DialFailed(link.EndPoint, IsHopeless: false), CancellationToken.None);
        }
    }

    private void Check(IPEndPoint endPoint, Handshake remote)
    {
        if (remote.PeerId == services.PeerId)
        {
            throw new HopelessPeerException($"{endPoint} is ourselves");
        }

        CheckBans(endPoint, remote);
    }

    private void CheckBans(IPEndPoint endPoint, Handshake remote)
    {
        if (services.Bans.Contains(endPoint.Address, remote.PeerId))
        {
            throw new HopelessPeerException($"{endPoint} is banned");
        }
    }

    /// <summary>Whether a failure is of the kind that networks and peers cause.</summary>
    public static bool IsExpected(Exception failure) =>
        failure is SocketException or IOException or WireException or OperationCanceledException or HopelessPeerException
            or ObjectDisposedException;
}

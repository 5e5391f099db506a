using System.Net;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Swarms.Blocks;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms;

/// <summary>Gives each thing a peer did to the part of the swarm that it concerns. Part of a swarm's loop.</summary>
internal sealed class FactDispatcher(
    PeerTable peers, Uploader uploader, MetadataPhase metadata, OwnAddresses own, SwarmDiscovery discovery, bool isProvisional)
{
    /// <summary>Applies a report; a peer that broke the protocol is hung up on.</summary>
    /// <param name="session">The peer.</param>
    /// <param name="facts">What it did, in order.</param>
    /// <param name="pieces">Null while the torrent is not known.</param>
    public void Apply(PeerSession session, IReadOnlyList<PeerFact> facts, PiecePhase? pieces)
    {
        var isBroken = false;
        for (var place = 0; place < facts.Count; place++)
        {
            var fact = facts[place];

            // Blocks are in their pieces already, whatever else their sender says.
            if (isBroken && fact.Kind is not PeerFactKind.Block)
            {
                continue;
            }

            try
            {
                Apply(session, fact, pieces);
            }
            catch (WireException broken)
            {
                session.Link.Break(broken);
                isBroken = true;
            }
        }

        if (!isBroken)
        {
            pieces?.AfterReport(session);
            Admit(session, pieces);
        }
    }

    /// <summary>The storage is open, and what peers said before has been looked at: who waited for that is served.</summary>
    public void Opened(PiecePhase pieces)
    {
        foreach (var session in peers.Sessions)
        {
            Admit(session, pieces);
        }
    }

    /// <summary>A peer has gone.</summary>
    public void Left(PeerSession session)
    {
        uploader.Left(session);
        metadata.Left(session);
        discovery.Exchange.Left(session);
    }

    // Of an unsealed blob nobody can have shown that he may have pieces before there is somewhere to look that up.
    private bool Serves(PeerSession session, PiecePhase? pieces) => pieces?.Serves(session) ?? !isProvisional;

    private void Admit(PeerSession session, PiecePhase? pieces)
    {
        if (session.WaitsToBeKnown && Serves(session, pieces))
        {
            session.WaitsToBeKnown = false;
            uploader.Interested(session);
        }
    }

    private void Apply(PeerSession session, PeerFact fact, PiecePhase? pieces)
    {
        switch (fact.Kind)
        {
            case PeerFactKind.Interested when !Serves(session, pieces):
                // It may say who it is in the same breath: that is looked at when all it said is applied.
                session.WaitsToBeKnown = true;
                break;
            case PeerFactKind.Interested:
                uploader.Interested(session);
                break;
            case PeerFactKind.NotInterested:
                session.WaitsToBeKnown = false;
                uploader.NotInterested(session);
                break;
            case PeerFactKind.ExtensionHandshake:
                Greet(session, (ExtensionHandshake)fact.Payload!);
                pieces?.Greeted(session);
                break;
            case PeerFactKind.UploadOnly:
                session.Extension = (session.Extension ?? new ExtensionHandshake()) with { UploadOnly = fact.Index != 0 };
                pieces?.Greeted(session);
                break;
            case PeerFactKind.PeerExchange:
                discovery.Exchange.Receive(session, (PexMessage)fact.Payload!);
                break;
            case PeerFactKind.DhtPort:
                discovery.NodeAt(session, fact.Index);
                break;
            case PeerFactKind.Metadata:
                metadata.Receive(session, fact.Index, (byte[])fact.Payload!);
                break;
            case PeerFactKind.MetadataReject:
                metadata.Reject(session);
                break;
            case PeerFactKind.Hashes:
                if (pieces?.Spots.Receive(session, (byte[])fact.Payload!) != true && pieces?.Failures.Receive(session, (byte[])fact.Payload!) != true)
                {
                    metadata.Receive(session, (byte[])fact.Payload!);
                }

                break;
            case PeerFactKind.HashReject:
                if (pieces?.Spots.Reject(session, (HashRequest)fact.Payload!) != true && pieces?.Failures.Reject(session, (HashRequest)fact.Payload!) != true)
                {
                    metadata.Left(session);
                }

                break;
            default:
                if (pieces is not null)
                {
                    pieces.Apply(session, fact);
                }
                else
                {
                    PeerTable.Remember(session, fact);
                }

                break;
        }
    }

    /// <summary>Where else a peer says it listens: worth a try once this connection has ended.</summary>
    private void RememberAlso(PeerSession session, IPAddress? address)
    {
        const int most = 2;
        if (address is not null && AddressScopes.MayTell(session.Link.EndPoint.Address, address) && session.Extension is { ListenPort: > 0 and var port }
            && !address.Equals(session.Link.EndPoint.Address) && session.AlsoAt.Count < most)
        {
            var other = new IPEndPoint(address, port);
            session.AlsoAt.Add(other);
            peers.Add([other], PeerSource.Incoming, inUse: true);
        }
    }

    private void Greet(PeerSession session, ExtensionHandshake handshake)
    {
        session.Extension = handshake.After(session.Extension);
        if (handshake.YourIp is { } seen)
        {
            own.Vote(session.Link.EndPoint.Address, seen);
        }

        if (!session.Link.IsOutgoing && handshake.ListenPort > 0)
        {
            peers.Add([new IPEndPoint(session.Link.EndPoint.Address, handshake.ListenPort)], PeerSource.Incoming, inUse: true);
        }

        foreach (var address in new[] { handshake.IPv4, handshake.IPv6 })
        {
            RememberAlso(session, address);
        }

        metadata.Greet(session, handshake);
    }
}

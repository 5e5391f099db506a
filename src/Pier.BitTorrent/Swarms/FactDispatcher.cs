using System.Net;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms;

/// <summary>Gives each thing a peer did to the part of the swarm that it concerns. Part of a swarm's loop.</summary>
internal sealed class FactDispatcher(PeerTable peers, Uploader uploader, MetadataPhase metadata)
{
    /// <summary>Applies a report; a peer that broke the protocol is hung up on.</summary>
    /// <param name="session">The peer.</param>
    /// <param name="facts">What it did, in order.</param>
    /// <param name="pieces">Null while the torrent is not known.</param>
    public void Apply(PeerSession session, IReadOnlyList<PeerFact> facts, PiecePhase? pieces)
    {
        try
        {
            foreach (var fact in facts)
            {
                Apply(session, fact, pieces);
            }

            pieces?.AfterReport(session);
        }
        catch (WireException broken)
        {
            session.Link.Close(broken.Message);
        }
    }

    private void Apply(PeerSession session, PeerFact fact, PiecePhase? pieces)
    {
        switch (fact.Kind)
        {
            case PeerFactKind.Interested:
                uploader.Interested(session);
                break;
            case PeerFactKind.NotInterested:
                uploader.NotInterested(session);
                break;
            case PeerFactKind.ExtensionHandshake:
                Greet(session, (ExtensionHandshake)fact.Payload!);
                break;
            case PeerFactKind.Metadata:
                metadata.Receive(session, fact.Index, (byte[])fact.Payload!);
                break;
            case PeerFactKind.MetadataReject:
                metadata.Reject(session);
                break;
            case PeerFactKind.Hashes:
                metadata.Receive(session, (byte[])fact.Payload!);
                break;
            case PeerFactKind.HashReject:
                metadata.Left(session);
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

    private void Greet(PeerSession session, ExtensionHandshake handshake)
    {
        session.Extension = handshake;
        if (!session.Link.IsOutgoing && handshake.ListenPort > 0)
        {
            peers.Add([new IPEndPoint(session.Link.EndPoint.Address, handshake.ListenPort)], inUse: true);
        }

        metadata.Greet(session, handshake);
    }
}

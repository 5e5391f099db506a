using Pier.BitTorrent.Engine;
using Pier.BitTorrent.Metadata;
using Pier.BitTorrent.Peers;
using Pier.BitTorrent.Pieces;
using Pier.BitTorrent.Swarms.Meeting;
using Pier.BitTorrent.Torrents;
using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Swarms;

/// <summary>
/// A swarm while its torrent is not wholly known: asks peers for the info dictionary (BEP 9), then for the hash layers of a
/// v2 torrent (BEP 52). Part of a swarm's loop.
/// </summary>
/// <param name="services">What the engine shares.</param>
/// <param name="id">What the info dictionary must hash to.</param>
/// <param name="peers">Everyone connected.</param>
/// <param name="work">Checks what was gathered.</param>
/// <param name="known">Takes the torrent once nothing of it is missing.</param>
internal sealed class MetadataPhase(
    EngineServices services, TorrentId id, PeerTable peers, ISwarmWork work, Action<Metainfo> known)
{
    private readonly MetadataFetch _info = new(MetainfoLimits.Default.MaxInfoBytes, services.Time);
    private LayerFetch? _layers;
    private bool _isDone;

    /// <summary>A peer said hello in the extension protocol.</summary>
    public void Greet(PeerSession session, ExtensionHandshake handshake)
    {
        if (!_isDone && handshake is { Ids.Metadata: > 0, MetadataSize: { } size } && !_info.Offer(session, size))
        {
            throw new WireException($"it claims an info dictionary of {size} bytes");
        }

        Ask(session);
    }

    /// <summary>A peer sent a piece of the info dictionary.</summary>
    /// <exception cref="WireException">It cannot be one.</exception>
    public void Receive(PeerSession session, int piece, byte[] data)
    {
        if (!_isDone && _layers is null)
        {
            if (_info.Receive(session, piece, data) is { } whole)
            {
                work.CheckMetadata(whole.Info, [.. whole.Contributors.Select(peer => ((PeerSession)peer).Link.Origin)]);
            }

            Ask(session);
        }
    }

    /// <summary>A peer will not send a piece of the info dictionary.</summary>
    public void Reject(PeerSession session) => _info.Reject(session);

    /// <summary>What peers sent was checked.</summary>
    public void Checked(SwarmEvent.MetadataChecked result)
    {
        if (_isDone || _layers is not null)
        {
            return;
        }

        if (result.Metainfo is { } metainfo)
        {
            Learn(metainfo);
            return;
        }

        services.Log.MetadataFailed(id);
        _info.Failed();
        if (result.Contributors is [var liar])
        {
            peers.Ban(liar, "its metadata is not what the info-hash names", id);
        }

        AskAll();
    }

    /// <summary>A peer sent nodes of a hash tree.</summary>
    /// <exception cref="WireException">The message is malformed.</exception>
    public void Receive(PeerSession session, byte[] hashes)
    {
        if (_layers is null || _isDone)
        {
            return;
        }

        if (!_layers.Receive(session, hashes))
        {
            peers.Ban(session.Link.Origin, "its hash layer does not hash to the file's root", id);
        }

        if (_layers.IsComplete)
        {
            Finish(_layers.Complete());
        }
        else
        {
            AskAll();
        }
    }

    /// <summary>A peer has gone, or refuses hashes.</summary>
    public void Left(PeerSession session)
    {
        _info.Left(session);
        _layers?.Left(session);
    }

    /// <summary>Once a second.</summary>
    public void Tick()
    {
        if (!_isDone)
        {
            _info.Tick();
            _layers?.Tick();
            AskAll();
        }
    }

    /// <summary>The info dictionary is known, from peers or from whoever added the torrent.</summary>
    public void Learn(Metainfo metainfo)
    {
        // A hybrid is checked by its SHA-1 half; a v2 torrent has nothing to be checked by until its layers are here.
        if (metainfo.HasV1 || PieceHasherPool.KnowsAllLayers(metainfo))
        {
            Finish(metainfo);
            return;
        }

        _layers = new LayerFetch(metainfo, services.Time);
        AskAll();
    }

    private void Finish(Metainfo metainfo)
    {
        _isDone = true;
        known(metainfo);
    }

    private void AskAll()
    {
        foreach (var session in peers.Sessions)
        {
            Ask(session);
        }
    }

    private void Ask(PeerSession session)
    {
        if (_isDone)
        {
            return;
        }

        if (_layers is { } layers)
        {
            foreach (var request in layers.NextRequests(session))
            {
                var payload = new byte[HashRequest.Size];
                request.CopyTo(payload);
                session.Link.Outbox.PostRaw(MessageId.HashRequest, payload);
            }
        }
        else if (session.Link.Ids.Metadata != 0)
        {
            SwarmWork.AskForMetadata(session.Link, _info.NextRequests(session));
        }
    }
}

namespace Pier.BitTorrent.Peers;

/// <summary>What a peer did, as its connection tells the swarm.</summary>
internal enum PeerFactKind
{
    /// <summary>It stops answering our requests.</summary>
    Choke,

    /// <summary>It answers our requests.</summary>
    Unchoke,

    /// <summary>It wants pieces of us.</summary>
    Interested,

    /// <summary>It wants nothing of us.</summary>
    NotInterested,

    /// <summary>It has one more piece: Index.</summary>
    Have,

    /// <summary>It has the pieces of Payload, a bitfield message's bytes.</summary>
    Bitfield,

    /// <summary>It has more pieces than before, those of Payload: a later bitfield message's bytes.</summary>
    MorePieces,

    /// <summary>It has every piece.</summary>
    HaveAll,

    /// <summary>It has no piece.</summary>
    HaveNone,

    /// <summary>Block Detail of piece Index has come and is in Payload, the piece's buffer.</summary>
    Block,

    /// <summary>Block Detail of piece Index, which we asked for, came after another peer's copy.</summary>
    LateBlock,

    /// <summary>It will not send block Detail of piece Index.</summary>
    Reject,

    /// <summary>Piece Index may be asked for while choked.</summary>
    AllowedFast,

    /// <summary>It lost piece Index (BEP 54).</summary>
    DontHave,

    /// <summary>It uploads only from now on, unless Index is 0 (BEP 21).</summary>
    UploadOnly,

    /// <summary>Piece Index would be good to ask it for.</summary>
    Suggest,

    /// <summary>It said hello in the extension protocol: Payload.</summary>
    ExtensionHandshake,

    /// <summary>It told of other peers: Payload (BEP 11).</summary>
    PeerExchange,

    /// <summary>Its DHT node listens on port Index (BEP 5).</summary>
    DhtPort,

    /// <summary>It sent piece Index of an info dictionary: Payload.</summary>
    Metadata,

    /// <summary>It will not send piece Index of the info dictionary.</summary>
    MetadataReject,

    /// <summary>It sent nodes of a hash tree: Payload, a whole hashes message.</summary>
    Hashes,

    /// <summary>It will not send nodes of a hash tree: Payload, the request.</summary>
    HashReject,

    /// <summary>It vouches for a piece of a provisional blob: Payload, a pier_piece message's body.</summary>
    Vouch,
}

/// <summary>One thing a peer did.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Index">A piece.</param>
/// <param name="Detail">A block.</param>
/// <param name="Payload">What is not a number.</param>
internal readonly record struct PeerFact(PeerFactKind Kind, int Index = 0, int Detail = 0, object? Payload = null);

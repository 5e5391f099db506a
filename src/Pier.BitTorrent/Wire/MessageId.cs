namespace Pier.BitTorrent.Wire;

/// <summary>The first byte of a peer message (BEP 3, 6, 10, 52).</summary>
internal enum MessageId : byte
{
    /// <summary>BEP 3: requests are not answered for now.</summary>
    Choke = 0,

    /// <summary>BEP 3: requests are answered.</summary>
    Unchoke = 1,

    /// <summary>BEP 3: the sender wants pieces of the receiver.</summary>
    Interested = 2,

    /// <summary>BEP 3: the sender wants none.</summary>
    NotInterested = 3,

    /// <summary>BEP 3: the sender has one more piece.</summary>
    Have = 4,

    /// <summary>BEP 3: which pieces the sender has; first message only.</summary>
    Bitfield = 5,

    /// <summary>BEP 3: send this block.</summary>
    Request = 6,

    /// <summary>BEP 3: a block.</summary>
    Piece = 7,

    /// <summary>BEP 3: the block is no longer wanted.</summary>
    Cancel = 8,

    /// <summary>BEP 5: the sender's DHT port.</summary>
    Port = 9,

    /// <summary>BEP 6: a piece that would be good to ask for.</summary>
    SuggestPiece = 13,

    /// <summary>BEP 6: the sender has every piece.</summary>
    HaveAll = 14,

    /// <summary>BEP 6: the sender has no piece.</summary>
    HaveNone = 15,

    /// <summary>BEP 6: a request will not be answered.</summary>
    RejectRequest = 16,

    /// <summary>BEP 6: a piece that may be asked for while choked.</summary>
    AllowedFast = 17,

    /// <summary>BEP 10: extension handshake and extended messages.</summary>
    Extended = 20,

    /// <summary>BEP 52: send these nodes of a file's hash tree.</summary>
    HashRequest = 21,

    /// <summary>BEP 52: nodes of a file's hash tree.</summary>
    Hashes = 22,

    /// <summary>BEP 52: a hash request will not be answered.</summary>
    HashReject = 23,
}

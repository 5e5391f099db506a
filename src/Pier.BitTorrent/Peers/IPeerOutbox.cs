using Pier.BitTorrent.Wire;

namespace Pier.BitTorrent.Peers;

/// <summary>What a swarm's loop has to say to one peer. Posting never waits.</summary>
internal interface IPeerOutbox
{
    /// <summary>Whether we do not answer the peer's requests for now; so every connection starts.</summary>
    bool IsChoked { get; }

    /// <summary>A message without content.</summary>
    void Post(MessageId id);

    /// <summary>A keep-alive.</summary>
    void PostKeepAlive();

    /// <summary>Have, suggest piece or allowed fast.</summary>
    void PostPiece(MessageId id, int piece);

    /// <summary>Requests, cancels or rejects, in one go.</summary>
    void PostBlocks(MessageId id, params ReadOnlySpan<BlockRange> blocks);

    /// <summary>A message whose payload is at hand.</summary>
    void PostRaw(MessageId id, ReadOnlyMemory<byte> payload);

    /// <summary>An extended message.</summary>
    void PostExtended(byte id, ReadOnlyMemory<byte> body);

    /// <summary>Answers requests from now on.</summary>
    void PostUnchoke();

    /// <summary>Answers no requests from now on; those that wait are dropped.</summary>
    /// <param name="reject">Tell the peer which, as the fast extension wants (BEP 6).</param>
    void PostChoke(bool reject);
}

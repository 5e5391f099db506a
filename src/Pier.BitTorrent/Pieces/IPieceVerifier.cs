namespace Pier.BitTorrent.Pieces;

/// <summary>Checks and stores complete pieces beside the swarms' loops.</summary>
internal interface IPieceVerifier
{
    /// <summary>Whether it hashes pieces side by side.</summary>
    bool TakesBatches => false;

    /// <summary>Queues a piece; false when too many wait.</summary>
    bool TryQueue(PieceJob job);
}

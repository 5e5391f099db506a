namespace Pier.BitTorrent.Choking;

/// <summary>Why fewer peers are served than have places.</summary>
internal enum UploadRestraint
{
    /// <summary>They are not.</summary>
    None,

    /// <summary>The last pieces that nobody else has are on their way: only who takes one of them is served.</summary>
    LastPieces,

    /// <summary>A crowd has every piece among itself, and another torrent has not got that far: one peer is served.</summary>
    GiveWay,
}

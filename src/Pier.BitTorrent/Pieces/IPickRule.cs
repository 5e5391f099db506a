namespace Pier.BitTorrent.Pieces;

/// <summary>One rule of which blocks to ask for. A rule takes what it would have first, and passes the rest to the rule it wraps.</summary>
internal interface IPickRule
{
    /// <summary>Adds blocks to the request while any are wanted.</summary>
    void Pick(PickRequest request);
}

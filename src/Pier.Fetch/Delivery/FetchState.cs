namespace Pier.Fetch.Delivery;

/// <summary>How far a fetch is.</summary>
public enum FetchState
{
    /// <summary>No source has accepted yet.</summary>
    Asking,

    /// <summary>Bytes arrive.</summary>
    Arriving,

    /// <summary>All bytes are here; their digest is being checked.</summary>
    Sealing,

    /// <summary>The blob stands in the store.</summary>
    Sealed,

    /// <summary>No source could deliver, or the bytes were wrong too often.</summary>
    Failed,
}

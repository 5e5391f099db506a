namespace Pier.Membership.Client;

/// <summary>How much of a blob a member has.</summary>
public enum HoldingState
{
    /// <summary>All of it, proved against the digest.</summary>
    Sealed,

    /// <summary>It is being fetched; what is readable can be streamed, and more follows.</summary>
    Arriving,
}

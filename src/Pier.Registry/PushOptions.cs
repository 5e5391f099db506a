namespace Pier.Registry;

/// <summary>What clients may push to the node's own repositories.</summary>
public sealed record PushOptions
{
    /// <summary>Whether anything may be pushed or deleted at all.</summary>
    public bool Enabled { get; init; }

    /// <summary>Most bytes of one blob; null for no bound.</summary>
    public long? MaxBlob { get; init; }

    /// <summary>Whether the manifest of an image may name blobs that the repository does not have; entries of an index always may be missing.</summary>
    public bool Sparse { get; init; }

    /// <summary>How long a client may send nothing in the middle of a body before its request is given up; the upload stays.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(60);
}

namespace Pier.Content.Contracts;

/// <summary>Who waits for the bytes; a waiting client goes before background work.</summary>
public enum FetchPriority
{
    /// <summary>Prefetch, replication, warm-up.</summary>
    Background,

    /// <summary>A person or program asked and waits for the whole.</summary>
    Command,

    /// <summary>A client reads the stream as it arrives.</summary>
    Client,
}

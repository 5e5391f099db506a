namespace Pier.Content.Contracts;

/// <summary>A tree that may still be arriving: what is read is fetched first, the rest when it is wanted. Disposing ends the fetching.</summary>
public interface IArrivingTree : IAsyncDisposable
{
    /// <summary>The tree.</summary>
    IContentTree Tree { get; }

    /// <summary>
    /// The folder in which it is kept, for whoever removes it; null when it lies in the store and, once it is closed, while others
    /// still use what lies there.
    /// </summary>
    string? Folder { get; }

    /// <summary>How far it has come.</summary>
    TreeArrival Arrival { get; }

    /// <summary>Has files fetched before anybody reads them, besides those named before; returns when they are here.</summary>
    /// <param name="pattern">A glob over paths, in which <c>**</c> stands for any folders; null for everything.</param>
    /// <param name="cancellationToken">Ends the wait, not the fetching.</param>
    /// <exception cref="ContentException">It names nothing, or the content cannot be had.</exception>
    Task WantAsync(string? pattern, CancellationToken cancellationToken);
}

/// <summary>How far a tree has come.</summary>
/// <param name="Length">Bytes of its files.</param>
/// <param name="Nodes">Files, directories and links.</param>
/// <param name="Here">Bytes that need no network any more.</param>
/// <param name="Peers">Peers connected now.</param>
/// <param name="Source">Which of the sources it comes from.</param>
public sealed record TreeArrival(long Length, long Nodes, long Here, int Peers, string Source)
{
    /// <summary>Whether everything is here.</summary>
    public bool IsComplete => Here >= Length;
}

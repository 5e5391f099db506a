using Pier.Content;

namespace Pier.Store.Eviction;

/// <summary>Knows of copies that other nodes have, so that the last one goes last; the host supplies it.</summary>
public interface ICopies
{
    /// <summary>Whether another node is said to have the blob and is the one to keep it. Costs nothing; may be wrong.</summary>
    bool IsKeptElsewhere(Digest sha256);

    /// <summary>Asks the one that is to keep it whether it has the blob indeed. Never throws but when it is cancelled.</summary>
    ValueTask<bool> ConfirmAsync(Digest sha256, CancellationToken cancellationToken);

    /// <summary>The blob is here no more.</summary>
    Task EvictedAsync(Digest sha256);
}

using Pier.Content.Contracts;

namespace Pier.Fetch.Ladder;

/// <summary>Finds out how long a blob is without fetching it.</summary>
internal interface IBlobSizes
{
    /// <summary>Members first, then a HEAD upstream; null when nobody has it.</summary>
    ValueTask<long?> FindAsync(BlobRequest request, CancellationToken cancellationToken);
}

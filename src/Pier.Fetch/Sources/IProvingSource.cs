using Pier.Content;

namespace Pier.Fetch.Sources;

/// <summary>A source whose right bytes prove something about where they came from.</summary>
internal interface IProvingSource
{
    /// <summary>A blob of which it sent some is whole, and has its digest.</summary>
    ValueTask SealedAsync(Digest digest, CancellationToken cancellationToken);
}

using Pier.Content.Contracts;

namespace Pier.UnitTests.Fetch.Supplies;

/// <summary>Nobody else has anything.</summary>
internal sealed class NoFetcher : IContentFetcher
{
    public ValueTask<IContentReader> OpenAsync(BlobRequest request, CancellationToken cancellationToken) => throw new ContentNotFoundException("nobody has it");

    public ValueTask<long?> StatAsync(BlobRequest request, CancellationToken cancellationToken) => ValueTask.FromResult<long?>(null);
}

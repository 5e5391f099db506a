using System.Text;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Fetch;
using Pier.Fetch.Delivery;
using Pier.Fetch.Prefetch;
using Pier.TestKit;
using Pier.TestKit.Stores;
using Pier.TestKit.Time;
using Pier.UnitTests.Fetch.Delivery;

namespace Pier.UnitTests.Fetch.Prefetch;

/// <summary>Layers that are fetched ahead, while fetching goes wrong in ways that nobody thought of.</summary>
public sealed class PrefetcherTests
{
    private static readonly RepositoryName Repository = new("registry.test", "team/app");
    private static readonly Digest[] Layers = [.. Enumerable.Range(0, 6).Select(layer => Digest.Compute(Encoding.UTF8.GetBytes($"layer {layer}")))];

    [Fact]
    public async Task A_fault_at_one_layer_does_not_end_what_is_done_for_the_others()
    {
        await using var harness = new DeliveryHarness();
        var store = new BrokenStore();
        var contents = new ContentFetcher(store, harness.Table, harness, harness, harness.History, harness.Clock);
        await using var prefetcher = new Prefetcher(contents, new FetchOptions { AccessFolder = "" }, harness.Logs.CreateLogger<Prefetcher>());
        prefetcher.Start();
        prefetcher.Saw(Repository, Manifest());

        using var reading = prefetcher.Take(Repository, Layers[0]);

        // More than there are workers: each meets the fault and goes on.
        await Eventually.TrueAsync(() => store.Asked >= Layers.Length - 1, "every layer after the first is asked for", Eventually.Patience, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => harness.Logs.Has(5057), "the fault is told", Eventually.Patience, TestContext.Current.CancellationToken);
    }

    private static ManifestDocument Manifest()
    {
        var layers = string.Join(',', Layers.Select(layer => $$"""{"mediaType":"{{MediaTypes.OciLayer}}","digest":"{{layer}}","size":7}"""));
        var content = Encoding.UTF8.GetBytes(
            $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}",
             "config":{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{Digest.Compute("{}"u8)}}","size":2},"layers":[{{layers}}]}
            """);
        return new ManifestDocument(Digest.Compute(content), MediaTypes.OciManifest, content);
    }

    /// <summary>Fails as no store should.</summary>
    private sealed class BrokenStore : IContentStore
    {
        private readonly MemoryContentStore _rest = new(new ManualTimeProvider());
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public ValueTask<BlobInfo?> StatAsync(Digest digest, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            throw new InvalidOperationException("a fault of the program");
        }

        public ValueTask<IContentReader?> OpenAsync(Digest digest, CancellationToken cancellationToken) => _rest.OpenAsync(digest, cancellationToken);

        public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => _rest.ListAsync(cancellationToken);

        public ValueTask<IContentIngest> IngestAsync(Digest? expected, long? size, CancellationToken cancellationToken) => _rest.IngestAsync(expected, size, cancellationToken);

        public ValueTask<bool> RemoveAsync(Digest digest, CancellationToken cancellationToken) => _rest.RemoveAsync(digest, cancellationToken);

        public ValueTask<bool> PinAsync(Digest digest, CancellationToken cancellationToken) => _rest.PinAsync(digest, cancellationToken);

        public ValueTask<bool> UnpinAsync(Digest digest, CancellationToken cancellationToken) => _rest.UnpinAsync(digest, cancellationToken);

        public IDisposable Lease(IReadOnlyCollection<Digest> digests) => _rest.Lease(digests);
    }
}

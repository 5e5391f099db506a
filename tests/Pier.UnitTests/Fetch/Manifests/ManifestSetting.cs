using System.Text;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.Manifests;
using Pier.Content.References;
using Pier.Fetch;
using Pier.Fetch.Manifests;
using Pier.Fetch.Policy;
using Pier.Fetch.Upstreams;
using Pier.Store.Blobs;
using Pier.Store.Tags;
using Pier.TestKit;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.TestKit.Time;
using Pier.UnitTests.Fetch.Upstreams;

namespace Pier.UnitTests.Fetch.Manifests;

/// <summary>A node's tags and manifests over an upstream and members that do as told, on a clock moved by hand.</summary>
public abstract class ManifestSetting : IAsyncDisposable
{
    private protected static readonly RepositoryName Repository = new("registry.test", "team/app");

    private readonly TempFolder _folder = TempFolder.Create("manifests");

    private protected ManifestSetting(IReadOnlyDictionary<string, RegistryPolicy>? registries = null)
    {
        var options = new FetchOptions { AccessFolder = _folder.Below("access") };
        options = options with { Registries = registries ?? options.Registries };
        Store = new FileContentStore(_folder.MakeFolder("blobs"), Clock, Logs.CreateLogger<FileContentStore>());
        TagStore = new TagStore(_folder.MakeFolder("tags"), Logs.CreateLogger<TagStore>());
        var access = new AccessRecords(options.AccessFolder, Logs.CreateLogger<AccessRecords>());
        Policy = new AccessPolicy(access, Store, Upstream, options, Clock, Logs.CreateLogger<AccessPolicy>());
        var health = new UpstreamHealth(options, Clock);
        var visibility = new Visibility(Upstream, access, options, Clock);
        var shelf = new ManifestShelf(Store, Members, Upstream, Policy, Policy, visibility, health, options, Clock);
        var memory = new TagMemory(TagStore, Members, options, Clock, Logs.CreateLogger<TagMemory>());
        var referrers = new ReferrersFetcher(
            Upstream, health, Policy, new ReferrersMemory(options, Logs.CreateLogger<ReferrersMemory>()), options, Clock);
        Fetcher = new ManifestFetcher(shelf, referrers, memory, Upstream, health, Policy, options, Clock, Logs.CreateLogger<ManifestFetcher>());
        Desk = new TagDesk(Fetcher, TagStore, Clock);
    }

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected ManualTimeProvider Clock { get; } = new();

    private protected CollectedLogs Logs { get; } = new();

    private protected FakeUpstream Upstream { get; } = new();

    private protected FakeMembers Members { get; } = new();

    private protected FileContentStore Store { get; }

    private protected TagStore TagStore { get; }

    private protected AccessPolicy Policy { get; }

    private protected ManifestFetcher Fetcher { get; }

    private protected TagDesk Desk { get; }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _folder.DisposeAsync();
        Logs.Dispose();
    }

    private protected Task<ManifestDocument> ByTagAsync(string tag) => Fetcher.ByTagAsync(Repository, tag, Token).AsTask();

    private protected async Task<T> WhileTimePassesAsync<T>(Task<T> work)
    {
        await Eventually.TrueAsync(
            () =>
            {
                if (!work.IsCompleted)
                {
                    Clock.Advance(TimeSpan.FromMilliseconds(100));
                }
                return work.IsCompleted;
            },
            "the answer comes", Eventually.Patience, Token);
        return await work;
    }

    /// <summary>Lets time pass in small steps once a condition holds.</summary>
    private protected async Task PassAsync(TimeSpan time, Func<bool> once)
    {
        await Eventually.TrueAsync(once, "it has begun", Eventually.Patience, Token);
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromMilliseconds(100))
        {
            Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }

    private protected static ManifestDocument Manifest(string mark)
    {
        var layer = Digest.Compute(Encoding.UTF8.GetBytes(mark));
        var content = Encoding.UTF8.GetBytes(
            $$"""
            {"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}",
             "config":{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{Digest.Compute("{}"u8)}}","size":2},
             "layers":[{"mediaType":"{{MediaTypes.OciLayer}}","digest":"{{layer}}","size":{{mark.Length}}}]}
            """);
        return new ManifestDocument(Digest.Compute(content), MediaTypes.OciManifest, content);
    }
}

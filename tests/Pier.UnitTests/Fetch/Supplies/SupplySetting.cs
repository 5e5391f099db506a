using Pier.Content.Contracts;
using Pier.Fetch;
using Pier.Fetch.Policy;
using Pier.Fetch.Supplies;
using Pier.Fetch.Uris;
using Pier.Store.Tags;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.TestKit.Stores;
using Pier.UnitTests.Fetch.Upstreams;

namespace Pier.UnitTests.Fetch.Supplies;

/// <summary>What supplies stand on: the policy over a store in memory and a registry that a test makes, and handlers of its own.</summary>
internal sealed class SupplySetting
{
    private readonly FetchOptions _options;
    private readonly CollectedLogs _logs;
    private readonly MemoryContentStore _store;
    private readonly TimeProvider _time;
    private readonly SupplyAccess _access;

    public SupplySetting(TempFolder folder, CollectedLogs logs, MemoryContentStore store, FetchOptions options, TimeProvider time, FakeUpstream? upstream = null)
    {
        (_options, _logs, _store, _time) = (options, logs, store, time);
        Known = new AccessRecords(options.AccessFolder, logs.CreateLogger<AccessRecords>());
        Tags = new TagStore(folder.Below("tags"), logs.CreateLogger<TagStore>());
        var policy = new AccessPolicy(Known, store, upstream ?? new FakeUpstream(), options, time, logs.CreateLogger<AccessPolicy>());
        _access = new SupplyAccess(Known, policy, Tags, options);
    }

    /// <summary>What is known of repositories.</summary>
    public AccessRecords Known { get; }

    public TagStore Tags { get; }

    public SupplyMaker Maker(params IReadOnlyList<IUriHandler> handlers) => new(new UriFetch(handlers, _logs.CreateLogger<UriFetch>()), _store, _access, _options);

    public SupplyDesk Desk(WebClient web, IContentFetcher? contents = null, params IReadOnlyList<IUriHandler> handlers) => new(
        new SupplyRecords(_options.SupplyFolder, _logs.CreateLogger<SupplyRecords>()), new SupplyValidators(web), Maker(handlers), _access,
        contents ?? new NoFetcher(), _store, _options, _time);
}

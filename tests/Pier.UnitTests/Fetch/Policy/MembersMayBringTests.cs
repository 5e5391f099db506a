using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Fetch;
using Pier.Fetch.Policy;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.TestKit.Stores;
using Pier.TestKit.Time;
using Pier.UnitTests.Fetch.Upstreams;

namespace Pier.UnitTests.Fetch.Policy;

/// <summary>What a repository is said to have when members may bring what nobody names: only what its registry was asked for.</summary>
public sealed class MembersMayBringTests : IAsyncDisposable
{
    private static readonly RepositoryName Open = new("registry.test", "open/app");
    private static readonly RepositoryName Secret = new("registry.test", "secret/app");

    private readonly TempFolder _folder = TempFolder.Create("bring");
    private readonly CollectedLogs _logs = new();
    private readonly FakeUpstream _upstream = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_asks_a_public_repository_for_any_digest_has_it_name_none()
    {
        var policy = Policy();
        await policy.RecordAsync(Open, isPublic: true, [], Token);
        var asked = Digest.Compute("anything"u8);

        (await policy.MayServeAsync(asked, Open, Door.Registry, Token)).ShouldBeTrue("fetching it will prove it");

        Known().IsNamed(asked).ShouldBeFalse();
        (await policy.MayServeAsync(asked, null, Door.WebSeed, Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_private_repository_names_what_members_may_bring_once_its_registry_has_said_so()
    {
        var policy = Policy();
        await policy.RecordAsync(Secret, isPublic: false, [], Token);
        var (lacked, had) = (Digest.Compute("anything"u8), _upstream.Add("its own"u8.ToArray()));

        (await policy.MayServeAsync(lacked, Secret, Door.Registry, Token)).ShouldBeFalse("that the repository was read a moment ago says nothing of this digest");
        (await policy.MayServeAsync(had, Secret, Door.Registry, Token)).ShouldBeTrue();

        Known().IsNamed(lacked).ShouldBeFalse();
        Known().IsUnder(Secret, had).ShouldBeTrue();
        (await policy.MayServeAsync(had, null, Door.NodePort, Token)).ShouldBeFalse();
    }

    public async ValueTask DisposeAsync()
    {
        await _folder.DisposeAsync();
        _logs.Dispose();
    }

    private AccessRecords Known() => new(_folder.Below("access"), _logs.CreateLogger<AccessRecords>());

    private AccessPolicy Policy()
    {
        var clock = new ManualTimeProvider();
        var options = new FetchOptions { AccessFolder = _folder.Below("access"), PrivateLoopback = PrivateLoopback.Serve };
        return new(Known(), new MemoryContentStore(clock), _upstream, options, clock, _logs.CreateLogger<AccessPolicy>(), membership: new LiveCluster());
    }
}

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

/// <summary>Who may have what came here, or is coming, for others.</summary>
public sealed class ShareRightsTests : IAsyncDisposable
{
    private static readonly RepositoryName Open = new("registry.test", "open/app");
    private static readonly RepositoryName Secret = new("registry.test", "secret/app");
    private static readonly RepositoryName Other = new("registry.test", "other/app");
    private static readonly Digest PublicBlob = Digest.Compute("public"u8);
    private static readonly Digest PrivateBlob = Digest.Compute("private"u8);

    private readonly TempFolder _folder = TempFolder.Create("share");
    private readonly CollectedLogs _logs = new();
    private readonly FakeUpstream _upstream = new();
    private readonly MemoryContentStore _store = new(new ManualTimeProvider());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_came_for_others_is_shared_with_who_may_have_it_by_a_repository_of_its_own()
    {
        var policy = await KnowingAsync();

        (await policy.MayShareAsync(Other, PublicBlob, Token)).ShouldBeTrue();
        (await policy.MayShareAsync(Secret, PrivateBlob, Token)).ShouldBeTrue();
        (await policy.MayShareAsync(Other, PrivateBlob, Token)).ShouldBeFalse();
        (await policy.MayShareAsync(Other, Digest.Compute("not known"u8), Token)).ShouldBeFalse();
        _upstream.Claim(PrivateBlob, "anythin"u8.ToArray());
        (await policy.MayShareAsync(Other, PrivateBlob, Token)).ShouldBeFalse("there are no bytes here yet to hold its registry's word against");

        _store.Add("private"u8.ToArray());
        (await policy.MayShareAsync(Other, PrivateBlob, Token)).ShouldBeFalse("it shows other bytes");
        _upstream.Add("private"u8.ToArray());
        (await policy.MayShareAsync(Other, PrivateBlob, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task The_whole_is_waited_for_only_where_the_own_registry_has_a_blob_of_that_length()
    {
        var policy = await KnowingAsync();
        _upstream.Add("private"u8.ToArray());

        (await policy.MayAwaitAsync(Other, PrivateBlob, 7, Token)).ShouldBeTrue();
        (await policy.MayAwaitAsync(Other, PrivateBlob, 8, Token)).ShouldBeFalse();
        (await policy.MayAwaitAsync(Other, Digest.Compute("not there"u8), 9, Token)).ShouldBeFalse();
        (await policy.MayAwaitAsync(Secret, PrivateBlob, 7, Token)).ShouldBeFalse("it was judged already");
        _upstream.Failure = () => new ContentDeniedException("401");
        (await policy.MayAwaitAsync(Other, PrivateBlob, 7, Token)).ShouldBeFalse();
        _upstream.Failure = () => new ContentUnavailableException("no route");
        await Should.ThrowAsync<ContentUnavailableException>(() => policy.MayAwaitAsync(Other, PrivateBlob, 7, Token).AsTask());
    }

    public async ValueTask DisposeAsync()
    {
        await _folder.DisposeAsync();
        _logs.Dispose();
    }

    private async Task<AccessPolicy> KnowingAsync()
    {
        var options = new FetchOptions { AccessFolder = _folder.Below("access") };
        var policy = new AccessPolicy(
            new AccessRecords(options.AccessFolder, _logs.CreateLogger<AccessRecords>()), _store, _upstream, options, new ManualTimeProvider(), _logs.CreateLogger<AccessPolicy>());
        await policy.RecordAsync(Open, isPublic: true, [PublicBlob], Token);
        await policy.RecordAsync(Secret, isPublic: false, [PrivateBlob], Token);
        return policy;
    }
}

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

/// <summary>Who may have what, door by door.</summary>
public sealed class AccessPolicyTests : IAsyncDisposable
{
    private static readonly RepositoryName Open = new("registry.test", "open/app");
    private static readonly RepositoryName Secret = new("registry.test", "secret/app");
    private static readonly RepositoryName Other = new("registry.test", "other/app");
    private static readonly Digest PublicBlob = Digest.Compute("public"u8);
    private static readonly Digest PrivateBlob = Digest.Compute("private"u8);

    private readonly TempFolder _folder = TempFolder.Create("access");
    private readonly ManualTimeProvider _clock = new();
    private readonly CollectedLogs _logs = new();
    private readonly FakeUpstream _upstream = new();
    private readonly MemoryContentStore _store = new(new ManualTimeProvider());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Door.NodePort, true, true)]
    [InlineData(Door.Swarm, true, false)]
    [InlineData(Door.WebSeed, true, false)]
    [InlineData(Door.Registry, true, true)]
    [InlineData(Door.RemoteRegistry, true, false)]
    public async Task Doors_of_public_and_private_blobs(Door door, bool forPublic, bool forPrivate)
    {
        var policy = await KnowingAsync(PrivateLoopback.Serve);

        (await policy.MayServeAsync(PublicBlob, Open, door, Token)).ShouldBe(forPublic);
        (await policy.MayServeAsync(PrivateBlob, Secret, door, Token)).ShouldBe(forPrivate);
    }

    [Fact]
    public async Task What_is_known_to_be_private_is_closed_and_what_is_public_or_unknown_is_not()
    {
        IAccessPolicy policy = await KnowingAsync(PrivateLoopback.Serve);

        policy.IsClosed(PrivateBlob).ShouldBeTrue();
        policy.IsClosed(PublicBlob).ShouldBeFalse();
        policy.IsClosed(Digest.Compute("unknown"u8)).ShouldBeFalse();
    }

    [Fact]
    public async Task Denied_loopback_clients_get_public_blobs_only()
    {
        var policy = await KnowingAsync(PrivateLoopback.Deny);

        (await policy.MayServeAsync(PublicBlob, Open, Door.Registry, Token)).ShouldBeTrue();
        (await policy.MayServeAsync(PrivateBlob, Secret, Door.Registry, Token)).ShouldBeFalse();
        (await policy.MayServeAsync(PrivateBlob, Secret, Door.NodePort, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_private_blob_is_not_served_under_a_repository_whose_upstream_does_not_have_it()
    {
        var policy = await KnowingAsync(PrivateLoopback.Serve);

        (await policy.MayServeAsync(PrivateBlob, Other, Door.Registry, Token)).ShouldBeFalse();
        _upstream.Failure = () => new ContentUnavailableException("no route");
        (await policy.MayServeAsync(PrivateBlob, Other, Door.Registry, Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_private_blob_is_served_under_another_repository_that_has_it_too()
    {
        var policy = await KnowingAsync(PrivateLoopback.Serve);
        _upstream.Add("private"u8.ToArray());

        (await policy.MayServeAsync(PrivateBlob, Other, Door.Registry, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task Nothing_is_announced_when_announcing_is_off()
    {
        var policy = Policy(new FetchOptions { AccessFolder = _folder.Below("a"), Announce = AnnounceScope.Off });
        await policy.RecordAsync(Open, isPublic: true, [PublicBlob], Token);

        (await policy.MayServeAsync(PublicBlob, Open, Door.Swarm, Token)).ShouldBeFalse();
        (await policy.MayServeAsync(PublicBlob, null, Door.WebSeed, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_known_survives_a_restart()
    {
        await KnowingAsync(PrivateLoopback.Serve);

        var after = Policy(Options(PrivateLoopback.Serve));

        (await after.MayServeAsync(PublicBlob, null, Door.Swarm, Token)).ShouldBeTrue();
        (await after.MayServeAsync(PrivateBlob, null, Door.Swarm, Token)).ShouldBeFalse();
        (await after.MayServeAsync(PrivateBlob, Other, Door.Registry, Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_damaged_record_makes_its_blobs_private()
    {
        await KnowingAsync(PrivateLoopback.Serve);
        foreach (var path in Directory.GetFiles(Options(PrivateLoopback.Serve).AccessFolder))
        {
            await File.WriteAllTextAsync(path, "{\"version\":1,", Token);
        }

        var after = Policy(Options(PrivateLoopback.Serve));

        (await after.MayServeAsync(PublicBlob, null, Door.Swarm, Token)).ShouldBeFalse();
        _logs.Has(5030).ShouldBeTrue();
    }

    [Fact]
    public async Task A_repository_that_became_private_takes_its_blobs_out_of_the_swarms()
    {
        var policy = await KnowingAsync(PrivateLoopback.Serve);

        await policy.RecordAsync(Open, isPublic: false, [], Token);

        (await policy.MayServeAsync(PublicBlob, null, Door.Swarm, Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_public_manifest_that_names_a_private_blob_does_not_open_it()
    {
        var policy = await KnowingAsync(PrivateLoopback.Serve);

        await policy.RecordAsync(Open, isPublic: true, [PrivateBlob], Token);

        (await policy.MayServeAsync(PrivateBlob, Open, Door.Registry, Token)).ShouldBeFalse();
        (await policy.MayServeAsync(PrivateBlob, Open, Door.NodePort, Token)).ShouldBeFalse();
        (await policy.MayServeAsync(PrivateBlob, null, Door.Swarm, Token)).ShouldBeFalse();
        (await policy.MayServeAsync(PrivateBlob, null, Door.WebSeed, Token)).ShouldBeFalse();
        (await policy.MayServeAsync(PrivateBlob, Secret, Door.Registry, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_blob_that_a_public_repository_was_found_to_have_is_public_though_private_images_build_on_it()
    {
        var policy = await KnowingAsync(PrivateLoopback.Serve);
        await policy.ProveAsync(Open, PublicBlob, wasAnonymous: true, Token);

        await policy.RecordAsync(Secret, isPublic: false, [PublicBlob], Token);

        (await policy.MayServeAsync(PublicBlob, null, Door.Swarm, Token)).ShouldBeTrue();
        (await Policy(Options(PrivateLoopback.Serve)).MayServeAsync(PublicBlob, null, Door.Swarm, Token)).ShouldBeTrue("also after a restart");
    }

    [Fact]
    public async Task An_answer_with_credentials_does_not_put_off_the_next_question_whether_anybody_may_have_it()
    {
        var policy = await KnowingAsync(PrivateLoopback.Serve);
        var asked = _clock.GetUtcNow();
        _clock.Advance(TimeSpan.FromHours(20));

        await policy.ProveAsync(Open, PublicBlob, wasAnonymous: false, Token);

        new AccessRecords(_folder.Below("access"), _logs.CreateLogger<AccessRecords>()).Find(Open).ShouldNotBeNull().CheckedAt.ShouldBe(asked);
    }

    [Theory]
    [InlineData("secret/app", true)]
    [InlineData("other/app", false)]
    [InlineData("open/app", false)]
    [InlineData(null, false)]
    public async Task Members_get_what_is_private_under_its_own_repository_alone(string? path, bool expected)
    {
        var policy = await KnowingAsync(PrivateLoopback.Serve);

        (await policy.MayServeAsync(PrivateBlob, path is null ? null : new RepositoryName("registry.test", path), Door.NodePort, Token)).ShouldBe(expected);
    }

    [Fact]
    public async Task Members_get_by_digest_alone_what_nobody_is_known_to_hide()
    {
        var policy = await KnowingAsync(PrivateLoopback.Serve);

        (await policy.MayServeAsync(PublicBlob, under: null, Door.NodePort, Token)).ShouldBeTrue();
        (await policy.MayServeAsync(Digest.Compute("nobody's"u8), under: null, Door.NodePort, Token)).ShouldBeTrue();
        policy.Hide([PrivateBlob, Digest.Compute("nobody's"u8)]);
        (await policy.MayServeAsync(Digest.Compute("nobody's"u8), under: null, Door.NodePort, Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_here_and_nobody_names_is_given_only_where_the_upstream_has_it()
    {
        var policy = await KnowingAsync(PrivateLoopback.Serve);
        var bytes = "left over"u8.ToArray();
        var held = _store.Add(bytes);
        (await policy.MayServeAsync(held, Other, Door.Registry, Token)).ShouldBeFalse();
        _upstream.Failure = () => new ContentUnavailableException("no route");
        (await policy.MayServeAsync(held, Other, Door.Registry, Token)).ShouldBeFalse();
        (await policy.MayServeAsync(Digest.Compute("not here"u8), Other, Door.Registry, Token)).ShouldBeTrue("fetching it will prove it");

        _upstream.Failure = null;
        _upstream.Add(bytes);
        (await policy.MayServeAsync(held, Other, Door.Registry, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_registry_that_says_yes_to_every_digest_opens_nothing_that_it_cannot_show()
    {
        var policy = await KnowingAsync(PrivateLoopback.Serve);
        var held = _store.Add("of a private image"u8.ToArray());
        await policy.RecordAsync(Secret, isPublic: false, [held], Token);
        await policy.RecordAsync(Other, isPublic: true, [held], Token);
        _upstream.Claim(held, new byte["of a private image"u8.Length]);

        (await policy.MayServeAsync(held, Other, Door.Registry, Token)).ShouldBeFalse();
        (await policy.MayServeAsync(held, Other, Door.RemoteRegistry, Token)).ShouldBeFalse();
        (await policy.MayServeAsync(held, null, Door.WebSeed, Token)).ShouldBeFalse();
        _upstream.Sizes.ShouldBe(2);

        _upstream.Claim(held, "of a private image"u8.ToArray());
        (await policy.MayServeAsync(held, Other, Door.RemoteRegistry, Token)).ShouldBeTrue("a public image may have the same layer");
    }

    [Fact]
    public async Task What_an_upstream_began_to_send_is_no_proof_yet()
    {
        var policy = await KnowingAsync(PrivateLoopback.Serve);
        await policy.AnsweredAsync(Other, PrivateBlob, wasAnonymous: true, Token);

        (await policy.MayServeAsync(PrivateBlob, null, Door.Swarm, Token)).ShouldBeFalse();
        (await policy.MayServeAsync(PrivateBlob, null, Door.WebSeed, Token)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(PrivateLoopback.Serve, Door.Registry, false, true)]
    [InlineData(PrivateLoopback.Deny, Door.Registry, false, false)]
    [InlineData(PrivateLoopback.Serve, Door.RemoteRegistry, false, false)]
    [InlineData(PrivateLoopback.Serve, Door.RemoteRegistry, true, true)]
    public async Task Other_hosts_hear_what_public_repositories_have(PrivateLoopback loopback, Door door, bool isPublic, bool expected)
    {
        var policy = await KnowingAsync(loopback);

        (await policy.MayListAsync(isPublic ? Open : Secret, "latest", door, Token)).ShouldBe(expected);
    }

    [Fact]
    public async Task What_was_imported_under_a_name_is_served_under_it_without_its_upstream()
    {
        var policy = await KnowingAsync(PrivateLoopback.Serve);
        var held = _store.Add("imported"u8.ToArray());
        _upstream.Failure = () => new ContentUnavailableException("no route");

        await policy.NameAsync(Other, [held], Token);

        (await policy.MayServeAsync(held, Other, Door.Registry, Token)).ShouldBeTrue();
        (await policy.MayServeAsync(held, null, Door.Swarm, Token)).ShouldBeFalse();
    }

    public async ValueTask DisposeAsync()
    {
        await _folder.DisposeAsync();
        _logs.Dispose();
    }

    private async Task<AccessPolicy> KnowingAsync(PrivateLoopback loopback)
    {
        var policy = Policy(Options(loopback));
        await policy.RecordAsync(Open, isPublic: true, [PublicBlob], Token);
        await policy.RecordAsync(Secret, isPublic: false, [PrivateBlob], Token);
        return policy;
    }

    private FetchOptions Options(PrivateLoopback loopback) => new() { AccessFolder = _folder.Below("access"), PrivateLoopback = loopback };

    private AccessPolicy Policy(FetchOptions options) => new(
        new AccessRecords(options.AccessFolder, _logs.CreateLogger<AccessRecords>()), _store, _upstream, options, _clock, _logs.CreateLogger<AccessPolicy>());
}

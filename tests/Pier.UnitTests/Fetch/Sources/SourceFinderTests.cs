using System.Net;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Fetch;
using Pier.Fetch.Ladder;
using Pier.Fetch.Sources;
using Pier.Fetch.Sources.Members;
using Pier.Membership.Client;
using Pier.Membership.Identity;
using Pier.Membership.Members;
using Pier.Membership.NodePort;
using Pier.Membership.Turns;
using Pier.Store.Blobs;
using Pier.Store.Partial;
using Pier.TestKit.Files;
using Pier.TestKit.Logging;
using Pier.UnitTests.Fetch.Delivery;
using Pier.UnitTests.Fetch.Manifests;
using Pier.UnitTests.Fetch.Upstreams;

namespace Pier.UnitTests.Fetch.Sources;

/// <summary>Which sources come of what members and the referee say.</summary>
public sealed class SourceFinderTests : IAsyncDisposable, ITurns, ISwarmSources
{
    private static readonly Digest Blob = Digest.Compute("blob"u8);
    private static readonly BlobRequest Request = new(Blob, new RepositoryName("registry.test", "team/app"));

    private readonly TempFolder _folder = TempFolder.Create("finder");
    private readonly CollectedLogs _logs = new();
    private readonly FakeMembers _members = new();
    private readonly SourceFinder _finder;
    private Func<NodeId?, TurnAnswer> _referee = _ => new TurnAnswer.Granted(TimeSpan.FromSeconds(10));

    public SourceFinderTests()
    {
        var options = new FetchOptions
        {
            AccessFolder = _folder.Below("access"),
            RefereeJitter = TimeSpan.Zero,
            Registries = new Dictionary<string, RegistryPolicy>(StringComparer.Ordinal)
            {
                ["slow.test"] = new(AnswerTimeout: TimeSpan.FromMinutes(1), StallTimeout: TimeSpan.FromSeconds(30)),
                ["fast.test"] = new(AnswerTimeout: TimeSpan.FromSeconds(1), StallTimeout: TimeSpan.FromSeconds(1)),
            },
        };
        var store = new FileContentStore(_folder.MakeFolder("blobs"), TimeProvider.System, _logs.CreateLogger<FileContentStore>());
        var partials = new PartialBlobs(
            _folder.MakeFolder("partial"), store, new PartialBlobOptions(), TimeProvider.System, _logs.CreateLogger<PartialBlobs>());
        _finder = new SourceFinder(
            _members, this, this, new FakeUpstream(), partials, options, TimeProvider.System, _logs.CreateLogger<SourceFinder>());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_large_sealed_blob_comes_by_swarm_first_and_by_node_port_next()
    {
        _members.Holdings.Add(new NodeHolding(HoldingState.Sealed, 1 << 20, new string('a', 40), new string('b', 64), 1 << 20));

        (await _finder.PeersAsync(Request, Token)).Select(candidate => candidate.Source.Kind).ShouldBe([SourceKind.Swarm, SourceKind.Member]);
    }

    [Theory]
    [InlineData("slow.test", 60, 30)]
    [InlineData("fast.test", 10, 5)]
    [InlineData("registry.test", 10, 5)]
    public async Task A_registry_is_waited_for_as_long_as_its_settings_say_and_never_less_than_others(string registry, int firstByte, int stall)
    {
        var found = await _finder.UpstreamAsync(Request with { Origin = new RepositoryName(registry, "team/app") }, failed: null, Token);

        found.ShouldNotBeNull().Patience.ShouldBe(new LegPatience(TimeSpan.FromSeconds(firstByte), TimeSpan.FromSeconds(stall)));
    }

    [Fact]
    public async Task A_small_blob_comes_by_node_port_alone()
    {
        _members.Holdings.Add(new NodeHolding(HoldingState.Sealed, 1000, new string('a', 40), new string('b', 64), 1000));

        (await _finder.PeersAsync(Request, Token)).Select(candidate => candidate.Source.Kind).ShouldBe([SourceKind.Member]);
    }

    [Fact]
    public async Task A_member_that_is_still_fetching_counts_only_when_nobody_could_fetch_it_here()
    {
        _members.Holdings.Add(new NodeHolding(HoldingState.Arriving, 1 << 20, null, null, 100));

        (await _finder.PeersAsync(Request, Token)).ShouldBeEmpty();
        (await _finder.PeersAsync(Request with { Origin = null }, Token)).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_granted_turn_goes_to_the_upstream_and_goes_along()
    {
        var candidate = (await _finder.UpstreamAsync(Request, null, Token)).ShouldNotBeNull();

        candidate.Source.Kind.ShouldBe(SourceKind.Upstream);
        candidate.Turn.ShouldNotBeNull();
    }

    [Fact]
    public async Task Who_is_told_to_follow_streams_from_the_holder_and_names_one_that_failed()
    {
        var asked = new List<NodeId?>();
        _referee = unreachable =>
        {
            asked.Add(unreachable);
            return new TurnAnswer.Follow(Node(2), IsDone: false);
        };

        var first = await _finder.UpstreamAsync(Request, null, Token);
        await _finder.UpstreamAsync(Request, first, Token);

        ((MemberSource)first!.Source).Member.Id.ShouldBe(Node(2).Id);
        asked.ShouldBe([null, Node(2).Id]);
    }

    [Fact]
    public async Task Who_is_followed_may_take_as_long_to_its_first_byte_as_the_registry_that_it_asks()
    {
        var found = await FollowAsync(isDone: false);

        found.Patience.ShouldBe(new LegPatience(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(5)));
        _members.Patiences.ShouldBe([TimeSpan.FromMinutes(1)]);
    }

    [Fact]
    public async Task Who_has_it_all_is_given_no_more_time_than_any()
    {
        var found = await FollowAsync(isDone: true);

        found.Patience.ShouldBeNull();
        _members.Patiences.ShouldBe([null]);
    }

    [Fact]
    public async Task Without_a_referee_a_node_goes_by_itself()
    {
        _referee = _ => throw new MemberException(Node(1), MemberFailure.TimedOut, "silent");

        var candidate = (await _finder.UpstreamAsync(Request, null, Token)).ShouldNotBeNull();

        candidate.Source.Kind.ShouldBe(SourceKind.Upstream);
        candidate.Turn.ShouldBeNull();
    }

    [Fact]
    public async Task Without_a_repository_a_granted_turn_is_of_no_use() =>
        (await _finder.UpstreamAsync(Request with { Origin = null }, null, Token)).ShouldBeNull();

    Task<TurnAnswer> ITurns.AskAsync(BlobRequest request, NodeId? unreachable, CancellationToken cancellationToken) =>
        Task.FromResult(_referee(unreachable));

    Task<bool> ITurns.RenewAsync(Digest digest, long progress, bool isWaiting, CancellationToken cancellationToken) => Task.FromResult(true);

    Task ITurns.ReleaseAsync(Digest digest, TurnOutcome outcome, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Asks a member, to which the referee sends, for what comes from a slow registry.</summary>
    private async Task<Candidate> FollowAsync(bool isDone)
    {
        _referee = _ => new TurnAnswer.Follow(Node(2), isDone);
        var request = Request with { Origin = new RepositoryName("slow.test", "team/app") };
        var found = (await _finder.UpstreamAsync(request, failed: null, Token)).ShouldNotBeNull();
        await Should.ThrowAsync<MemberException>(async () => await found.Source.ProbeAsync(request, Token));
        return found;
    }

    IEnumerable<Candidate> ISwarmSources.For(BlobRequest request, IReadOnlyList<MemberHolding> holdings) =>
        [new Candidate("swarm", new ScriptedSource(SourceKind.Swarm, []))];

    Pier.Content.Contracts.IContentSource ISwarmSources.Follow(Member holder, TimeSpan? patience) => new MemberSource(_members, holder, size: null, patience);

    IStrangers? ISwarmSources.Meet(BlobRequest request, Action found) => null;

    public async ValueTask DisposeAsync()
    {
        await _folder.DisposeAsync();
        _logs.Dispose();
    }

    private static Member Node(int number) => new(
        NodeId.OfPublicKey([(byte)number]), $"node{number}", new IPEndPoint(IPAddress.Loopback, 5000 + number), null, default, Liveness.Live);
}

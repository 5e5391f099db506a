using Microsoft.Extensions.Logging;
using Pier.Content;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Fetch;
using Pier.Fetch.Ladder;
using Pier.Fetch.Node;
using Pier.Fetch.Sources;
using Pier.Fetch.Sources.Members;
using Pier.Fetch.Upstreams;
using Pier.Membership.Client;
using Pier.Membership.Identity;
using Pier.Membership.Members;
using Pier.Membership.NodePort;
using Pier.Membership.Turns;
using Pier.TestKit.Policies;
using Pier.TestKit.Time;
using Pier.UnitTests.Fetch.Delivery;
using Pier.UnitTests.Membership;

namespace Pier.UnitTests.Fetch.Turns;

/// <summary>
/// A member whose delivery, node port and turns are real, on a clock that all of its cluster share. Who follows another does so in
/// ranges, and nobody is found to have a blob whole.
/// </summary>
internal sealed class DeliveringMember : ISourceFinder, ISwarmSources, ITurns, INodeContent, IAsyncDisposable
{
    /// <summary>How long the registry may take to a first byte.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(60);

    private readonly DeliveryHarness _delivery;
    private readonly NodeContent _content;
    private TestNode _node = null!;
    private SourceFinder _finder = null!;
    private volatile bool _isDead;
    private int _renewals;
    private int _followers;

    private DeliveringMember(ManualTimeProvider clock)
    {
        var registries = new Dictionary<string, RegistryPolicy>(StringComparer.Ordinal) { ["registry.test"] = new(AnswerTimeout: AnswerTimeout) };
        _delivery = new DeliveryHarness(with: options => options with { Registries = registries }, clock: clock, finder: this);
        _content = new NodeContent(
            _delivery.Store, _delivery.Table, _delivery.Fetcher, seeder: null!, manifests: null!, pieces: null!, tags: null!, new FixedPolicy(), proofs: null!, _delivery.Options, clock);
    }

    /// <summary>What all of them ask for.</summary>
    public byte[] Content => _delivery.Content;

    /// <summary>How many other members it knows.</summary>
    public int Known => _node.Membership.Current.Live.Length;

    /// <summary>How often the referee was told of a turn.</summary>
    public int Renewals => Volatile.Read(ref _renewals);

    /// <summary>How often another member asked for the blob.</summary>
    public int Followers => Volatile.Read(ref _followers);

    /// <summary>Starts one that founds a cluster, or joins that of <paramref name="first"/>.</summary>
    public static async Task<DeliveringMember> StartAsync(
        string folder, IUpstream registry, ManualTimeProvider clock, DeliveringMember? first, CancellationToken cancellationToken)
    {
        var member = new DeliveringMember(clock);
        member._node = await TestNode.StartAsync(
            folder, cancellationToken, options => options with { StallAfter = TimeSpan.FromSeconds(5), Turns = new TurnOptions() }, clock, member);
        member._finder = new SourceFinder(
            member._node.Client, member, member, registry, member._delivery.Partials, member._delivery.Options, clock, member._delivery.Logs.CreateLogger<SourceFinder>());
        if (first is null)
        {
            await member._node.Cluster.InitAsync(cancellationToken);
        }
        else
        {
            await member._node.Cluster.JoinAsync(first._node.Target(), cancellationToken);
        }
        return member;
    }

    /// <summary>Reads the whole blob as a client does.</summary>
    public Task<byte[]> ReadAsync() => _delivery.ReadAllAsync();

    /// <summary>Ends it as a killed process ends: it gives back no turn, and its connections break.</summary>
    public async Task KillAsync()
    {
        _isDead = true;
        await _node.DisposeAsync();
        await _delivery.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isDead)
        {
            await _delivery.DisposeAsync();
            await _node.DisposeAsync();
        }
    }

    ValueTask<IReadOnlyList<Candidate>> ISourceFinder.PeersAsync(BlobRequest request, CancellationToken cancellationToken) =>
        _finder.PeersAsync(request, cancellationToken);

    IStrangers? ISourceFinder.Meet(BlobRequest request, Action found) => null;

    ValueTask<Candidate?> ISourceFinder.UpstreamAsync(BlobRequest request, Candidate? failed, CancellationToken cancellationToken) =>
        _finder.UpstreamAsync(request, failed, cancellationToken);

    IEnumerable<Candidate> ISwarmSources.For(BlobRequest request, IReadOnlyList<MemberHolding> holdings) => [];

    IContentSource ISwarmSources.Follow(Member holder, TimeSpan? patience) => new MemberSource(_node.Client, holder, size: null, patience);

    IStrangers? ISwarmSources.Meet(BlobRequest request, Action found) => null;

    Task<TurnAnswer> ITurns.AskAsync(BlobRequest request, NodeId? unreachable, CancellationToken cancellationToken) =>
        _node.Turns.AskAsync(request, unreachable, cancellationToken);

    async Task<bool> ITurns.RenewAsync(Digest digest, long progress, bool isWaiting, CancellationToken cancellationToken)
    {
        if (_isDead)
        {
            return true;
        }
        var isHeld = await _node.Turns.RenewAsync(digest, progress, isWaiting, cancellationToken);
        Interlocked.Increment(ref _renewals);
        return isHeld;
    }

    Task ITurns.ReleaseAsync(Digest digest, TurnOutcome outcome, CancellationToken cancellationToken) =>
        _isDead ? Task.CompletedTask : _node.Turns.ReleaseAsync(digest, outcome, cancellationToken);

    ValueTask<NodeHolding?> INodeContent.FindAsync(BlobName name, CancellationToken cancellationToken) => ValueTask.FromResult<NodeHolding?>(null);

    ValueTask<IContentReader?> INodeContent.OpenAsync(BlobName name, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _followers);
        return _content.OpenAsync(name, cancellationToken);
    }

    ValueTask<ProvisionalOffer?> INodeContent.InviteAsync(BlobName name, CancellationToken cancellationToken) => ValueTask.FromResult<ProvisionalOffer?>(null);

    ValueTask<ManifestDocument?> INodeContent.GetManifestAsync(BlobName name, CancellationToken cancellationToken) => ValueTask.FromResult<ManifestDocument?>(null);

    ValueTask<TagRecord?> INodeContent.GetTagAsync(RepositoryName repository, string tag, CancellationToken cancellationToken) =>
        ValueTask.FromResult<TagRecord?>(null);
}

using System.Collections.ObjectModel;
using Pier.BitTorrent.Discovery;
using Pier.Fetch.Ladder;

namespace Pier.Fetch;

/// <summary>The patience, bounds and policy of delivery. The defaults are those of design §3 and §4.</summary>
public sealed record FetchOptions
{
    /// <summary>Where the findings about repositories are kept: who is public, and which blobs they name.</summary>
    public required string AccessFolder { get; init; }

    /// <summary>The document in which the history of deliveries is kept over restarts; null keeps none.</summary>
    public string? HistoryFile { get; init; }

    /// <summary>Head start of members and swarms over the upstream (design §3.5).</summary>
    public TimeSpan HedgeDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a member that says it holds the blob may take to its first block before the next rung is tried beside it.</summary>
    public TimeSpan HolderPatience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the members may take to say who has a blob; the upstream is not held up by it.</summary>
    public TimeSpan SearchPatience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long strangers are looked for by the digest alone before a blob that nobody else has is given up.</summary>
    public TimeSpan MeetingPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Upper end of the random pause before going without a referee, so that not every node goes at once (design §3.5).</summary>
    public TimeSpan RefereeJitter { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A source that was delivering and sends nothing for this long is replaced underneath the client.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A member or swarm that has not delivered a first byte after this long is replaced.</summary>
    public TimeSpan PeerFirstByteTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The same for the upstream, whose token and redirect round trips come first.</summary>
    public TimeSpan UpstreamFirstByteTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Pause after a source's first failure; doubles with each further one up to <see cref="LongestPause"/>.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest pause between two tries of the same rung.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a blob that no source has accepted yet may take before its clients are told so, where the upstream itself could not be asked
    /// often enough: this, or the registry's own time for a first byte where that is longer, for each of <see cref="OpenTries"/>.
    /// </summary>
    public TimeSpan OpenPatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Failed tries of the upstream before a blob that nobody has accepted is given up.</summary>
    public int OpenTries { get; init; } = 2;

    /// <summary>
    /// How long a body that is already being sent may stand still, over all sources, before it is broken off; more by as much as its registry
    /// may be silent for longer than others. While blocks of a piece come it does not stand still, for as long as one piece may take.
    /// </summary>
    public TimeSpan BodyPatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes per second below which delivering peers are joined by the upstream.</summary>
    public long SlowRate { get; init; } = 64 * 1024;

    /// <summary>How long a source that told a wrong digest is not asked for that digest again (design §3.7).</summary>
    public TimeSpan BanTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Fetches that go on with no client left; beyond it the one least arrived is paused on disk.</summary>
    public int OrphanFetches { get; init; } = 4;

    /// <summary>Where external backends lie (design §6); null for none.</summary>
    public string? BackendFolder { get; init; }

    /// <summary>Where their programs have a home while they run; state folder's <c>backend-homes</c>.</summary>
    public string BackendHomes { get; init; } = "backend-homes";

    /// <summary>Most bytes that are fetched for one line of a build; 0 for no bound.</summary>
    public long SupplyMaxBytes { get; init; }

    /// <summary>What names in builds stood for, and what is fetched for them meanwhile; state folder's <c>supplies</c>.</summary>
    public string SupplyFolder { get; init; } = "supplies";

    /// <summary>Blobs that <c>pier pull</c> fetches at once; as many as Docker does.</summary>
    public int PullParallelism { get; init; } = 3;

    /// <summary>Whether the layers after the one that a client takes are fetched at once (design §3).</summary>
    public bool Prefetch { get; init; } = true;

    /// <summary>How, besides trackers, peers are found: of public blobs when <see cref="Announce"/> is public, and of torrents that were asked for.</summary>
    public PeerDiscovery Discovery { get; init; }

    /// <summary>Blobs smaller than this many bytes travel over the node port, not in swarms (design §3).</summary>
    public long SmallBlob { get; init; } = 256 * 1024;

    /// <summary>Blobs of at least this many bytes spread in pieces among the members while the first of them still downloads (design §4).</summary>
    public long LeastProvisional { get; init; } = 4 << 20;

    /// <summary>How long pieces of a blob that still arrives elsewhere may stand still before its holder is asked for ranges.</summary>
    public TimeSpan PiecePatience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a tag waits for its upstream before the last known answer is given (design §3.2).</summary>
    public TimeSpan TagPatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long members may take to say what they remember of a tag or whether they hold a manifest.</summary>
    public TimeSpan MemberPatience { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>The same where they are the only ones left to ask.</summary>
    public TimeSpan LastMemberPatience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long an upstream that could not be reached is not waited for again.</summary>
    public TimeSpan UpstreamPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a repository proved public or private is believed (design §4).</summary>
    public TimeSpan VisibilityLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long who was given something of a private repository by its upstream is believed to be still allowed to read it.</summary>
    public TimeSpan ProofLifetime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What anonymous loopback clients get of private repositories (design §4).</summary>
    public PrivateLoopback PrivateLoopback { get; init; } = PrivateLoopback.Serve;

    /// <summary>To whom public blobs are announced (design §4).</summary>
    public AnnounceScope Announce { get; init; } = AnnounceScope.Cluster;

    /// <summary>What is different for some registries, by their names.</summary>
    public IReadOnlyDictionary<string, RegistryPolicy> Registries { get; init; } = ReadOnlyDictionary<string, RegistryPolicy>.Empty;

    /// <summary>Tiers of trackers (BEP 12) that hear of public blobs while <see cref="Announce"/> is public.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Trackers { get; init; } = [];

    /// <summary>How long a registry may take to a first byte: as any, or as its own settings allow where that is longer.</summary>
    public TimeSpan FirstByteTimeoutOf(string? registry) => Longer(UpstreamFirstByteTimeout, PolicyOf(registry)?.AnswerTimeout);

    /// <summary>The same for a pause within a body.</summary>
    public TimeSpan StallTimeoutOf(string? registry) => Longer(StallTimeout, PolicyOf(registry)?.StallTimeout);

    /// <summary>Both together.</summary>
    internal LegPatience PatienceOf(string? registry) => new(FirstByteTimeoutOf(registry), StallTimeoutOf(registry));

    /// <summary>
    /// How long a turn at a registry lasts without a byte when its own settings let it take longer than any; zero for others, of which
    /// another member may ask soon.
    /// </summary>
    internal TimeSpan SilentTurnOf(string? registry) => FirstByteTimeoutOf(registry) is var own && own > UpstreamFirstByteTimeout ? own : TimeSpan.Zero;

    private RegistryPolicy? PolicyOf(string? registry) => registry is null ? null : Registries.GetValueOrDefault(registry);

    private static TimeSpan Longer(TimeSpan usual, TimeSpan? own) => own > usual ? own.Value : usual;
}

/// <summary>How the content of one registry is treated.</summary>
/// <param name="TagFreshness">How long the answer for a tag is believed without asking again (design §3.2).</param>
/// <param name="Announce">To whom its public blobs are announced; null as for all.</param>
/// <param name="AnswerTimeout">How long its answers are waited for, as it was set for it; null where nothing was.</param>
/// <param name="StallTimeout">The same for silence within a body.</param>
public sealed record RegistryPolicy(
    TimeSpan TagFreshness = default, AnnounceScope? Announce = null, TimeSpan? AnswerTimeout = null, TimeSpan? StallTimeout = null);

/// <summary>What anonymous loopback clients get of private repositories.</summary>
public enum PrivateLoopback
{
    /// <summary>They are served, with the node's own credentials.</summary>
    Serve,

    /// <summary>They are refused.</summary>
    Deny,
}

/// <summary>To whom public blobs are announced.</summary>
public enum AnnounceScope
{
    /// <summary>To nobody.</summary>
    Off,

    /// <summary>To members of the cluster.</summary>
    Cluster,

    /// <summary>To trackers and the DHT as well.</summary>
    Public,
}

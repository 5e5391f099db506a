namespace Pier.Api;

/// <summary>The paths of the control API; every one carries the contract's version.</summary>
public static class ApiPaths
{
    /// <summary>GET: <see cref="Nodes.VersionAnswer"/>.</summary>
    public const string Version = "/v1/version";

    /// <summary>GET: <see cref="Nodes.NodeStatus"/>.</summary>
    public const string Status = "/v1/status";

    /// <summary>GET: <see cref="Images.ImageList"/>; DELETE with <c>?image=</c> removes a tag; POST pulls.</summary>
    public const string Images = "/v1/images";

    /// <summary>POST <see cref="Images.PullRequest"/>: progress lines.</summary>
    public const string Pull = "/v1/images/pull";

    /// <summary>GET with <c>?image=</c>: an OCI image layout as a tar stream.</summary>
    public const string Export = "/v1/images/export";

    /// <summary>POST an OCI image layout as a tar stream, with <c>?name=</c> to name its only image: <see cref="Images.ImportAnswer"/>.</summary>
    public const string Import = "/v1/images/import";

    /// <summary>GET: <see cref="Blobs.BlobList"/>; DELETE <c>/v1/blobs/{digest}</c>.</summary>
    public const string Blobs = "/v1/blobs";

    /// <summary>GET: <see cref="Cache.CacheReport"/>; GET with <c>?name=</c> an image or a digest: <see cref="Cache.CachedParts"/>.</summary>
    public const string Cache = "/v1/cache";

    /// <summary>POST <see cref="Pier.Api.Cache.PruneRequest"/>: <see cref="Pier.Api.Cache.PruneAnswer"/>.</summary>
    public const string CachePrune = "/v1/cache/prune";

    /// <summary>POST <see cref="Pier.Api.Cache.VerifyRequest"/>: progress lines.</summary>
    public const string CacheVerify = "/v1/cache/verify";

    /// <summary>PUT and DELETE with <c>?name=</c> an image or a digest: <see cref="Blobs.PinAnswer"/>.</summary>
    public const string Pins = "/v1/pins";

    /// <summary>GET: <see cref="Seeds.SeedList"/>; POST <see cref="Seeds.SeedRequest"/>: progress lines; DELETE <c>/v1/seeds/{infoHash}</c>.</summary>
    public const string Seeds = "/v1/seeds";

    /// <summary>GET: <see cref="Nodes.SwarmList"/>; GET <c>/v1/swarms/{name}</c>, an info-hash, blob digest or name: <see cref="Nodes.SwarmDetail"/>.</summary>
    public const string Swarms = "/v1/swarms";

    /// <summary>POST <see cref="Downloads.DownloadRequest"/>: progress lines; GET <c>/v1/downloads/{id}/{index}</c>: one file's bytes; DELETE <c>/v1/downloads/{id}</c>: they have been taken.</summary>
    public const string Downloads = "/v1/downloads";

    /// <summary>GET: <see cref="Volumes.VolumeList"/>; POST <see cref="Volumes.VolumeRequest"/>: <see cref="Volumes.VolumeSummary"/>; GET and DELETE <c>/v1/volumes/{name}</c>; POST <see cref="Volumes.PrefetchRequest"/> to <c>/v1/volumes/{name}/prefetch</c>, <see cref="Volumes.CommitRequest"/> to <c>…/commit</c>, nothing to <c>…/reset</c>.</summary>
    public const string Volumes = "/v1/volumes";

    /// <summary>POST <see cref="Cluster.ClusterInitRequest"/>: <see cref="Cluster.ClusterToken"/>.</summary>
    public const string ClusterInit = "/v1/cluster/init";

    /// <summary>POST: <see cref="Cluster.ClusterToken"/>.</summary>
    public const string ClusterTokens = "/v1/cluster/token";

    /// <summary>GET: <see cref="Limits.LimitsStatus"/>; POST <see cref="Limits.LimitsChange"/>: the same, changed.</summary>
    public const string Limits = "/v1/limits";

    /// <summary>GET: <see cref="Trackers.TrackerStatus"/>.</summary>
    public const string Tracker = "/v1/tracker";

    /// <summary>GET: <see cref="Nodes.CheckList"/>.</summary>
    public const string Checks = "/v1/checks";

    /// <summary>GET: <see cref="Tags.TagList"/>.</summary>
    public const string Tags = "/v1/tags";

    /// <summary>POST with <c>?name=</c>: asks the upstream; <see cref="Tags.TagSummary"/>.</summary>
    public const string TagRefresh = "/v1/tags/refresh";

    /// <summary>PUT and DELETE with <c>?name=</c>: <see cref="Tags.TagSummary"/>.</summary>
    public const string TagPins = "/v1/tags/pins";

    /// <summary>GET: <see cref="Cluster.MemberList"/>.</summary>
    public const string ClusterMembers = "/v1/cluster/members";
}

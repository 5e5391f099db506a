using System.Net;
using System.Security.Cryptography;
using System.Text;
using Pier.BitTorrent.Dht;
using Pier.BitTorrent.Discovery;
using Pier.BitTorrent.Engine;
using Pier.Daemon.Listeners;
using Pier.Daemon.Nodes;
using Pier.Daemon.Options;
using Pier.Distribution;
using Pier.Fetch;
using Pier.Membership;
using Pier.Membership.Joining;
using Pier.Registry;
using Pier.Registry.Access;
using Pier.Store.Disk;
using Pier.Store.Eviction;
using Pier.Volumes.Keeping;

namespace Pier.Daemon.Hosting;

/// <summary>The daemon's options in the words of each room.</summary>
internal static class RoomOptions
{
    /// <summary>unix(7): the path of a socket, and a NUL.</summary>
    private const int MaxSocketPath = 107;

    /// <summary>This process among proxies, so that a request that comes back to it is known (RFC 9110 §7.6.3).</summary>
    private static string Pseudonym { get; } = $"pier-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";

    /// <summary>For eviction.</summary>
    public static QuotaOptions Quota(DaemonOptions options) => new(options.Quota > 0 ? options.Quota : null)
    {
        KeepFree = options.FreeSpace > 0 ? options.FreeSpace : null,
        FreeBytes = () => new DriveInfo(options.State).AvailableFreeSpace,
    };

    /// <summary>For mounts that outlive this process: it starts its own program once more to hold them.</summary>
    public static KeepingOptions Keeping(DaemonOptions options, StateFolder state)
    {
        var socket = state.Below("mounts.sock");
        var program = OwnProgram.Command;
        return options.MountsWait > TimeSpan.Zero && program.Count > 0 && Encoding.UTF8.GetByteCount(socket) <= MaxSocketPath
            ? new KeepingOptions([.. program, "mountd"], socket, options.MountsWait)
            : KeepingOptions.None;
    }

    /// <summary>For the registry door.</summary>
    public static MirrorOptions Registry(DaemonOptions options, StateFolder state) => new()
    {
        Pseudonym = Pseudonym,
        RequestLog = options.RequestLog,
        AskLogin = options.AskLogin,
        Push = new PushOptions
        {
            Enabled = options.Push,
            MaxBlob = options.PushMaxBlob > 0 ? options.PushMaxBlob : null,
            Sparse = options.PushSparse,
        },
        Access = new AccessOptions { Users = options.Users, Rules = options.Access, KeyFile = state.Below("tokens.pem") },
    };

    /// <summary>For the engine.</summary>
    public static BitTorrentOptions BitTorrent(
        DaemonOptions options, ListenerPlan plan, StateFolder state, Func<IPAddress, bool> isMember) => new()
    {
        Listen = plan.Peers.Address,
        Encryption = options.Encryption,
        Dht = options.Discovery.HasFlag(PeerDiscovery.Dht)
            ? new DhtOptions { Bootstrap = options.DhtBootstrap, IsReadOnly = options.DhtIsReadOnly, File = state.Below("dht.json") }
            : null,
        Lsd = options.Discovery.HasFlag(PeerDiscovery.Lsd),
        Limits = options.Limits,
        SeedingGoal = options.SeedingGoal,
        IsMember = isMember,
    };

    /// <summary>For the upstream clients.</summary>
    public static UpstreamOptions Upstreams(DaemonOptions options) => new()
    {
        Registries = options.Upstreams.ToDictionary(upstream => upstream.Key, upstream => Registry(upstream.Value), StringComparer.Ordinal),
        DockerConfigFiles = options.DockerConfig is { } path ? [Directory.Exists(path) ? Path.Combine(path, "config.json") : path] : null,
        UserAgent = $"pier/{DaemonVersion.Text}",
        Pseudonym = Pseudonym,
    };

    /// <summary>For delivery.</summary>
    public static FetchOptions Fetch(DaemonOptions options, StateFolder state) => new()
    {
        AccessFolder = state.Below("access"),
        HistoryFile = state.Below("history.json"),
        SupplyFolder = state.Below("supplies"),
        BackendFolder = options.Backends,
        BackendHomes = state.Below("backend-homes"),
        SupplyMaxBytes = options.SupplyMaxBytes,
        PrivateLoopback = options.ServePrivateToLoopback ? PrivateLoopback.Serve : PrivateLoopback.Deny,
        Announce = Scope(options.Announce),
        Registries = options.Upstreams.ToDictionary(
            upstream => upstream.Key,
            upstream => new RegistryPolicy(
                upstream.Value.TagFreshness,
                upstream.Value.Announce is { } announce ? Scope(announce) : null,
                upstream.Value.AnswerTimeout,
                upstream.Value.StallTimeout),
            StringComparer.Ordinal),
        Prefetch = options.Prefetch,
        Discovery = options.Discovery,
        Trackers = [.. options.Trackers.Select(tracker => new[] { tracker })],
    };

    /// <summary>For membership.</summary>
    /// <exception cref="DaemonStartException">The address to join or the token is none.</exception>
    public static MembershipOptions Membership(DaemonOptions options, ListenerPlan plan, StateFolder state) => new()
    {
        StateFolder = state.Path,
        Listen = options.Node,
        Advertise = options.Advertise is { } name ? OwnAddress.Resolve(name) : null,
        // Placed on loopback by hand, the BitTorrent port is for nobody else; otherwise it opens with the cluster.
        PeerPort = options.Peers is { } placed && IPAddress.IsLoopback(placed.Address) ? null : plan.Peers.Address.Port,
        Join = options.Join is { } address ? Target(address, options.Token) : null,
    };

    private static AnnounceScope Scope(AnnouncePolicy policy) => policy switch
    {
        AnnouncePolicy.Off => AnnounceScope.Off,
        AnnouncePolicy.Public => AnnounceScope.Public,
        _ => AnnounceScope.Cluster,
    };

    private static RegistryOptions Registry(UpstreamSettings settings) => new()
    {
        Endpoints = [.. settings.Endpoints.Select(url => new Uri(url))],
        PlainHttp = settings.PlainHttp,
        SkipVerify = settings.SkipVerify,
        TakesLogins = settings.TakesLogins,
        CaFile = settings.CaFile,
        ClientCertificateFile = settings.ClientCertificate,
        ClientKeyFile = settings.ClientKey,
        User = settings.User,
        SecretFile = settings.SecretFile,
        CredentialHelper = settings.CredentialHelper,
        CredentialCommand = settings.CredentialCommand,
        Rewrites = settings.Rewrites,
        Rate = settings.RequestRate,
        ConnectTimeout = settings.ConnectTimeout,
        HeaderTimeout = settings.AnswerTimeout,
        StallTimeout = settings.StallTimeout,
    };

    private static JoinTarget Target(string address, string? token)
    {
        try
        {
            return JoinTarget.Parse(address, token);
        }
        catch (FormatException malformed)
        {
            throw new DaemonStartException(ExitCode.Configuration, $"--join: {malformed.Message}", "'pier cluster token' on a member prints address and token.", malformed);
        }
    }
}

using System.Security.Authentication;
using Pier.Api.Nodes;
using Pier.Content.Contracts;
using Pier.Content.References;
using Pier.Daemon.Options;
using Pier.Distribution;
using Pier.Membership;

namespace Pier.Daemon.Nodes;

/// <summary>The node looks itself over for <c>pier doctor</c>: disk, clock, members, upstreams.</summary>
internal sealed class NodeChecks(DaemonOptions options, IContentStore store, IMembership membership, UpstreamClients upstreams, TimeProvider clock)
{
    /// <summary>Less free space than a large layer needs.</summary>
    private const long LowSpace = 2L << 30;
    private const long NoSpace = 64L << 20;
    private const string DockerHub = "docker.io";

    /// <summary>Nobody's name: any answer of the registry shows that it can be reached.</summary>
    private const string Nobody = "pier/doctor-asks-for-nothing";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Everything, the upstreams side by side.</summary>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellationToken)
    {
        var asked = options.Upstreams.Keys.Append(DockerHub).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(registry => UpstreamAsync(registry, cancellationToken)).ToArray();
        return [Disk(), await QuotaAsync(cancellationToken), Clock(), .. Members(), .. await Task.WhenAll(asked)];
    }

    private CheckResult Disk()
    {
        var free = new DriveInfo(options.State).AvailableFreeSpace;
        var finding = $"{Text(free)} free on the file system of {options.State}";
        const string remedy = "Make room there, bound the store with --quota, keep room free with --free-space, or take out what is not needed: pier cache prune.";
        return free < NoSpace ? CheckResult.Failed("disk", finding, remedy)
            : free < LowSpace ? CheckResult.Warning("disk", finding, remedy)
            : CheckResult.Ok("disk", finding);
    }

    private async Task<CheckResult> QuotaAsync(CancellationToken cancellationToken)
    {
        var (held, pinned) = (0L, 0L);
        await foreach (var blob in store.ListAsync(cancellationToken))
        {
            held += blob.Size;
            pinned += blob.Pinned ? blob.Size : 0;
        }
        return options.Quota == 0 ? CheckResult.Ok("quota", $"none; the store has {Text(held)}")
            : pinned > options.Quota ? CheckResult.Warning(
                "quota", $"{Text(pinned)} are pinned, more than the quota of {Text(options.Quota)}: every other blob is evicted soon", "Unpin images (pier unpin) or raise --quota.")
            : CheckResult.Ok("quota", $"{Text(held)} of {Text(options.Quota)} used");
    }

    /// <summary>A clock that is behind the program's own making makes certificates look not yet valid.</summary>
    private CheckResult Clock()
    {
        var now = clock.GetUtcNow();
        return Environment.ProcessPath is { } program && now.UtcDateTime < File.GetLastWriteTimeUtc(program) - TimeSpan.FromDays(1)
            ? CheckResult.Failed("clock", $"this host's clock says {now:u}, which is before pierd was installed", "Set it (timedatectl set-ntp true): certificates of upstreams look not yet valid.")
            : CheckResult.Ok("clock", $"{now:u}");
    }

    private IEnumerable<CheckResult> Members()
    {
        var cluster = membership.Current;
        if (!cluster.IsJoined)
        {
            yield return CheckResult.Ok("members", "this node is alone");
            yield break;
        }
        var others = cluster.Others.ToArray();
        var silent = others.Where(member => !member.IsLive).Select(member => member.Name).ToArray();
        yield return silent.Length == 0
            ? CheckResult.Ok("members", $"all {others.Length} others answer")
            : CheckResult.Warning("members", $"{silent.Length} of {others.Length} others do not answer: {string.Join(", ", silent)}", "Look whether pierd runs there and port 5059 (TCP) is open between the hosts; peers also need 5056 (TCP and UDP).");
    }

    private async Task<CheckResult> UpstreamAsync(string registry, CancellationToken cancellationToken)
    {
        var name = $"upstream {registry}";
        using var deadline = new CancellationTokenSource(Patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await upstreams.For(registry).HeadManifestAsync(new RepositoryName(registry, Nobody), "latest", both.Token);
            return CheckResult.Ok(name, "answers");
        }
        catch (Exception answered) when (answered is ContentNotFoundException or ContentDeniedException)
        {
            return CheckResult.Ok(name, "answers");
        }
        catch (Exception failure) when (failure is ContentException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var tls = Causes(failure).Any(cause => cause is AuthenticationException);
            return CheckResult.Warning(
                name, failure is OperationCanceledException ? $"no answer within {Patience.TotalSeconds:0} s" : failure.Message,
                tls ? $"Its certificate is not trusted, or this host's clock is wrong. Name its authority: upstreams → {registry} → caFile."
                    : "Look at the network, DNS and proxy of this host (HTTPS_PROXY in the service's environment). What the store and members hold is still served.");
        }
    }

    private static IEnumerable<Exception> Causes(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            yield return failure;
        }
    }

    private static string Text(long bytes) => bytes >= 1L << 30 ? $"{bytes / (double)(1L << 30):0.0} GiB" : $"{bytes / (double)(1L << 20):0.0} MiB";
}

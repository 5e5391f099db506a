using System.Net;
using System.Text.Json;
using Pier.Api;
using Pier.Api.Cluster;
using Pier.Api.Nodes;
using Pier.TestKit.Files;
using Pier.TestKit.Images;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.TestKit.Engines;

/// <summary>A real pierd on a host of its own, with its default ports; it can be killed and started again on the same state.</summary>
public sealed class PierNode : IAsyncDisposable
{
    /// <summary>Port of BitTorrent peers.</summary>
    public const int PeersPort = 5056;

    /// <summary>Port of members.</summary>
    public const int NodePort = 5059;

    private readonly TempFolder _folder;
    private readonly PierNodePlan _plan;
    private ExternalProcess _daemon;

    private PierNode(NetworkHost host, TempFolder folder, PierNodePlan plan, ExternalProcess daemon)
    {
        Host = host;
        _folder = folder;
        _plan = plan;
        _daemon = daemon;
        Http = host.Namespace.CreateHttpClient();
        Control = new ControlClient(SocketPath(folder));
    }

    /// <summary>The mirror as engines of the same host name it.</summary>
    public static Uri Mirror { get; } = new("http://127.0.0.1:5055/");

    /// <summary>The host it runs on.</summary>
    public NetworkHost Host { get; }

    /// <summary>An HTTP client of the same host.</summary>
    public HttpClient Http { get; }

    /// <summary>The control API.</summary>
    public ControlClient Control { get; }

    /// <summary>Its state folder.</summary>
    public string State => StatePath(_folder, _plan);

    /// <summary>What the running process wrote.</summary>
    public BoundedLog Log => _daemon.Log;

    /// <summary>The running process.</summary>
    public ExternalProcess Daemon => _daemon;

    /// <summary>Starts a node and returns once it is ready.</summary>
    public static async Task<PierNode> StartAsync(NetworkHost host, PierNodePlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var folder = TempFolder.Create("node");
        try
        {
            var daemon = await ExternalProcess.StartAsync(await WritePlanAsync(host, folder, plan, cancellationToken), cancellationToken);
            await host.CountFromPortAsync(PeersPort, cancellationToken);
            await host.CountFromPortAsync(NodePort, cancellationToken);
            return new PierNode(host, folder, plan, daemon);
        }
        catch
        {
            await folder.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes this node the first member of a cluster; returns what others need to join.</summary>
    public Task<ClusterToken> FoundClusterAsync(CancellationToken cancellationToken) => Control.PostAsync(
        ApiPaths.ClusterInit,
        new ClusterInitRequest(Host.Address.ToString()),
        ApiJson.Default.ClusterInitRequest,
        ApiJson.Default.ClusterToken,
        cancellationToken);

    /// <summary>The cluster's members as this node sees them.</summary>
    public async Task<IReadOnlyList<MemberStatus>> MembersAsync(CancellationToken cancellationToken) =>
        (await Control.GetAsync(ApiPaths.ClusterMembers, ApiJson.Default.MemberList, cancellationToken)).Members;

    /// <summary>What <c>pier status</c> shows.</summary>
    public Task<NodeStatus> StatusAsync(CancellationToken cancellationToken) =>
        Control.GetAsync(ApiPaths.Status, ApiJson.Default.NodeStatus, cancellationToken);

    /// <summary>Waits until every layer of an image is seeded: swarm records are made at low priority after the seal.</summary>
    public Task WaitUntilSeededAsync(TestImage image, CancellationToken cancellationToken) => Eventually.TrueAsync(
        async () =>
        {
            var swarms = (await StatusAsync(cancellationToken)).Swarms;
            return image.Layers.All(layer => swarms.Any(swarm => swarm.State == "seeding" && layer.Digest == "sha256:" + swarm.Name));
        },
        $"{Host.Name} to seed every layer of {image.Name}",
        Eventually.Patience,
        cancellationToken);

    /// <summary>Bytes this host gave to others: from its peers' port and from its node port.</summary>
    public async Task<(long Swarm, long Members)> BytesGivenAsync(CancellationToken cancellationToken) =>
        (await Host.BytesFromPortAsync(PeersPort, cancellationToken), await Host.BytesFromPortAsync(NodePort, cancellationToken));

    /// <summary>Runs the command line program <c>pier</c> against this node, inside its host.</summary>
    public Task<CommandResult> PierAsync(IEnumerable<string> arguments, CancellationToken cancellationToken) => Host.Namespace.RunAsync(
        RequiredTool.Path(Path.Combine(AppContext.BaseDirectory, "pier"), "dotnet build"),
        [.. arguments, "--socket", SocketPath(_folder)],
        cancellationToken);

    /// <summary>Kills the process, as a power cut would.</summary>
    public Task KillAsync(CancellationToken cancellationToken) => _daemon.KillAsync(cancellationToken);

    /// <summary>Asks the process to end, as systemd does, and returns its exit code.</summary>
    /// <exception cref="TimeoutException">It still runs after the deadline.</exception>
    public Task<int> StopAsync(TimeSpan deadline, CancellationToken cancellationToken) => _daemon.StopAsync(deadline, cancellationToken);

    /// <summary>Starts the process again on the same state, with the same flags.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await _daemon.DisposeAsync();
        _daemon = await ExternalProcess.StartAsync(await WritePlanAsync(Host, _folder, _plan, cancellationToken), cancellationToken);
    }

    /// <summary>Opens a GET of a blob as docker.io's clients ask for it.</summary>
    public async Task<HttpResponseMessage> GetBlobAsync(string repository, string digest, CancellationToken cancellationToken)
    {
        var answer = await Http.GetAsync(
            new Uri(Mirror, $"/v2/{repository}/blobs/{digest}"), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return answer.StatusCode == HttpStatusCode.OK
            ? answer
            : throw new HttpRequestException($"{answer.RequestMessage?.RequestUri}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Control.Dispose();
        await _daemon.DisposeAsync();
        await _folder.DisposeAsync();
    }

    /// <summary>The plan of starting pierd inside a host; also for tests that expect it to refuse.</summary>
    public static async Task<ProcessPlan> WritePlanAsync(NetworkHost host, TempFolder folder, PierNodePlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(plan);
        var configuration = folder.Below("pier.json");
        var upstream = new Dictionary<string, object>(StringComparer.Ordinal) { ["endpoints"] = new[] { plan.DockerHub.ToString() } };
        if (plan.Login?.Split(':', 2) is [var user, var password])
        {
            var secret = folder.Below("secret");
            await File.WriteAllTextAsync(secret, password, cancellationToken);
            (upstream["user"], upstream["secretFile"]) = (user, secret);
        }
        var upstreams = plan.AlsoThere.Append("docker.io").ToDictionary(registry => registry, _ => upstream, StringComparer.Ordinal);
        var settings = new Dictionary<string, object>(plan.Settings, StringComparer.Ordinal) { ["version"] = 1, ["upstreams"] = upstreams };
        await File.WriteAllTextAsync(configuration, JsonSerializer.Serialize(settings), cancellationToken);
        List<string> arguments =
        [
            "--config", configuration, "--state", StatePath(folder, plan), "--socket", SocketPath(folder), "--advertise", host.Address.ToString(),
            // Whoever asks for the logs wants to see why.
            "--log-level", Environment.GetEnvironmentVariable("PIER_TEST_LOGS") is { Length: > 0 } ? "debug" : "info",
            "--adopt", plan.Adopt ?? "off", "--containers", plan.Containers ?? "off",
            .. plan.Flags,
        ];
        if (plan.Join is not null)
        {
            var token = folder.Below("token");
            await File.WriteAllTextAsync(token, plan.Token, cancellationToken);
            File.SetUnixFileMode(token, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            arguments.AddRange(["--join", plan.Join, "--token-file", token]);
        }
        return new ProcessPlan(
            "pierd on " + host.Name,
            RequiredTool.Path("nsenter", "apt-get install util-linux"),
            host.Namespace.Enter(RequiredTool.Path(Path.Combine(AppContext.BaseDirectory, "pierd"), "dotnet build"), arguments))
        {
            Ready = host.WhenHttpAnswers(new Uri("http://127.0.0.1:5057/readyz")),
            Environment = EnginePrograms.Plain,
        };
    }

    private static string StatePath(TempFolder folder, PierNodePlan plan) => plan.State ?? folder.Below("state");

    private static string SocketPath(TempFolder folder) => folder.Below("pier.sock");
}

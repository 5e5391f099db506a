using System.Net;
using System.Text.Json;
using Pier.Api.Supplies;
using Pier.TestKit;
using Pier.TestKit.Engines;
using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.Benchmarks.Builds;

/// <summary>A host with dockerd, the frontend's image, a node, and nginx over a folder of files.</summary>
internal sealed class BuildHost : IAsyncDisposable
{
    private const int WebPort = 8000;

    private readonly TempFolder _disk;
    private readonly TestNetwork _network;
    private readonly PierNode _node;
    private readonly DockerEngine _docker;
    private readonly ExternalProcess _web;

    private BuildHost(TempFolder disk, TestNetwork network, PierNode node, DockerEngine docker, ExternalProcess web, FrontendImage frontend)
    {
        (_disk, _network, _node, _docker, _web, Frontend) = (disk, network, node, docker, web, frontend);
    }

    /// <summary>The frontend.</summary>
    public FrontendImage Frontend { get; }

    /// <summary>Where nginx's files lie.</summary>
    public string WebFolder => _disk.Below("web");

    /// <summary>Starts everything.</summary>
    public static async Task<BuildHost> StartAsync(CancellationToken cancellationToken)
    {
        var frontend = await FrontendImage.MakeAsync(cancellationToken);
        var disk = TempFolder.Create("bench-build", Directory.GetCurrentDirectory());
        var network = await TestNetwork.CreateAsync(cancellationToken);
        var host = await network.AddHostAsync("builder", cancellationToken);
        var node = await PierNode.StartAsync(host, new PierNodePlan { DockerHub = new Uri("http://127.0.0.1:1/"), State = disk.Below("state") }, cancellationToken);
        var docker = await DockerEngine.StartAsync(host, mirror: null, cancellationToken);
        await frontend.LoadAsync(docker, cancellationToken);
        var web = disk.MakeFolder("web");
        var built = new BuildHost(disk, network, node, docker, await StartWebAsync(host, web, cancellationToken), frontend);
        return built;
    }

    /// <summary>The address of one of nginx's files.</summary>
    public static string At(string file) => $"http://127.0.0.1:{WebPort}/{file}";

    /// <summary>Seeds one of nginx's files at the node and returns its magnet link.</summary>
    public async Task<string> SeedAsync(string file, CancellationToken cancellationToken)
    {
        var answer = (await _node.PierAsync(["seed", Path.Combine(WebFolder, file), "--torrent", "-", "--json"], cancellationToken)).OrThrow().Output;
        using var last = JsonDocument.Parse(answer.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        return last.RootElement.GetProperty("seed").GetProperty("magnet").GetString()!;
    }

    /// <summary>Builds a Dockerfile and returns what the frontend says of it.</summary>
    public async Task<FrontendTrace> TraceAsync(string dockerfile, CancellationToken cancellationToken)
    {
        var before = Traces().Count;
        await BuildAsync(dockerfile, cancellationToken, "--build-arg", "PIER_TRACE=1");
        await Eventually.TrueAsync(() => Traces().Count > before, "the frontend's words in the engine's log", TimeSpan.FromSeconds(10), cancellationToken);
        return Traces()[^1];
    }

    /// <summary>How long the frontend's program takes to start and end, in milliseconds.</summary>
    public async Task<double> StartProgramAsync(CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        (await Command.RunAsync(Frontend.Program, ["--version"], cancellationToken)).OrThrow();
        return TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>How long the node takes to answer what a known source stands for, in milliseconds.</summary>
    public async Task<double> ResolveAsync(string source, CancellationToken cancellationToken)
    {
        var address = SupplyAddresses.ResolveAt(SupplyAddresses.DefaultEndpoint, [source], [], withTorrent: false, attempt: 0);
        var start = TimeProvider.System.GetTimestamp();
        var answer = await _node.Http.GetStringAsync(new Uri(address), cancellationToken);
        var taken = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
        return answer.Contains(SupplyStates.Ready, StringComparison.Ordinal) ? taken : throw new InvalidOperationException($"The node does not know the source: {answer}");
    }

    /// <summary>Builds a Dockerfile and returns how long it took, in milliseconds.</summary>
    public async Task<double> BuildAsync(string dockerfile, CancellationToken cancellationToken, params string[] arguments)
    {
        var context = _disk.MakeFolder("context");
        await File.WriteAllTextAsync(Path.Combine(context, "own"), "own", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(context, "Dockerfile"), dockerfile, cancellationToken);
        var start = TimeProvider.System.GetTimestamp();
        (await _docker.BuildAsync(["--quiet", .. arguments, context], cancellationToken)).OrThrow();
        return Math.Round(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds, 1);
    }

    /// <summary>Forgets everything that builds made.</summary>
    public async Task ForgetAsync(CancellationToken cancellationToken)
    {
        (await _docker.DockerAsync(["image", "prune", "--force"], cancellationToken)).OrThrow();
        (await _docker.DockerAsync(["builder", "prune", "--all", "--force"], cancellationToken)).OrThrow();
    }

    /// <summary>Bytes of the frontend's image, uncompressed.</summary>
    public async Task<long> ImageSizeAsync(CancellationToken cancellationToken) => long.Parse(
        (await _docker.DockerAsync(["image", "inspect", "--format", "{{.Size}}", FrontendImage.Name], cancellationToken)).OrThrow().Output.Trim(),
        System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The engine's version.</summary>
    public Task<string> VersionAsync(CancellationToken cancellationToken) => _docker.VersionAsync(cancellationToken);

    private List<FrontendTrace> Traces() => [.. _docker.Log.Lines.Select(FrontendTrace.Read).OfType<FrontendTrace>()];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        await _docker.DisposeAsync();
        await _node.DisposeAsync();
        await _network.DisposeAsync();
        await _disk.DisposeAsync();
    }

    private static async Task<ExternalProcess> StartWebAsync(NetworkHost host, string folder, CancellationToken cancellationToken)
    {
        var configuration = Path.Combine(Path.GetDirectoryName(folder)!, "nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off;
            pid {{folder}}.pid;
            error_log stderr;
            events { }
            http { sendfile on; tcp_nopush on; access_log off; server { listen 127.0.0.1:{{WebPort}}; root {{folder}}; location = / { return 200; } } }
            """, cancellationToken);
        return await ExternalProcess.StartAsync(
            new ProcessPlan("nginx", RequiredTool.Path("nsenter", "apt-get install util-linux"), host.Namespace.Enter("/usr/sbin/nginx", ["-c", configuration, "-g", "user root;"]))
            {
                Ready = host.WhenHttpAnswers(new Uri(At(""))),
            },
            cancellationToken);
    }
}

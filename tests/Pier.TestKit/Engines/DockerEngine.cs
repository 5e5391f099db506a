using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.TestKit.Engines;

/// <summary>A real dockerd of a host's own, set up as a user would: <c>registry-mirrors</c> in daemon.json and nothing else.</summary>
public sealed class DockerEngine : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly ProcessPlan _process;
    private readonly EnginePrograms _programs;
    private ExternalProcess _daemon;

    private DockerEngine(TempFolder folder, ProcessPlan process, ExternalProcess daemon, EnginePrograms programs)
    {
        _folder = folder;
        _process = process;
        _daemon = daemon;
        _programs = programs;
    }

    /// <summary>What dockerd wrote.</summary>
    public BoundedLog Log => _daemon.Log;

    /// <summary>Starts dockerd inside a host.</summary>
    /// <param name="host">Where.</param>
    /// <param name="mirror">What daemon.json names as registry mirror, or null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<DockerEngine> StartAsync(NetworkHost host, Uri? mirror, CancellationToken cancellationToken) =>
        StartAsync(host, new DockerPlan { Mirror = mirror }, cancellationToken);

    /// <summary>Starts dockerd inside a host with a daemon.json that is the test's.</summary>
    public static Task<DockerEngine> StartOnAsync(NetworkHost host, string configuration, CancellationToken cancellationToken) =>
        StartAsync(host, new DockerPlan { Configuration = configuration }, cancellationToken);

    /// <summary>Starts dockerd inside a host.</summary>
    public static async Task<DockerEngine> StartAsync(NetworkHost host, DockerPlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var folder = TempFolder.Create("docker", plan.Below);
        try
        {
            var configuration = plan.Configuration ?? folder.Below("daemon.json");
            if (plan.Configuration is null)
            {
                await File.WriteAllTextAsync(configuration, plan.DaemonJson, cancellationToken);
            }
            if (plan.Programs.ClientPlugins is { } plugins)
            {
                File.CreateSymbolicLink(folder.Below("cli-plugins"), plugins);
            }
            IReadOnlyList<string> command =
            [
                plan.Programs.PathOf("/usr/sbin/dockerd"), "--config-file", configuration,
                "--data-root", folder.Below("data"), "--exec-root", folder.Below("exec"), "--pidfile", folder.Below("pid"),
                "-H", Socket(folder), "--bridge", "none", "--iptables=false", "--ip-forward=false",
            ];
            if (plan.Script(folder.Below("data")) is { } script)
            {
                command = ["/bin/sh", "-ec", $"{script} && exec \"$@\"", "sh", .. command];
            }
            var process = plan.Programs.Contained("dockerd on " + host.Name, host, command[0], command.Skip(1)) with
            {
                Ready = Readiness.WhenLogSays("API listen on"),
                Deadline = TimeSpan.FromSeconds(60),
            };
            return new DockerEngine(folder, process, await ExternalProcess.StartAsync(process, cancellationToken), plan.Programs);
        }
        catch
        {
            await folder.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills dockerd and with it its containers, as a power cut would.</summary>
    public Task KillAsync(CancellationToken cancellationToken) => _daemon.KillAsync(cancellationToken);

    /// <summary>Starts it again on the same state after it ended: what it kept below /run is gone, as after a boot.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        await _daemon.DisposeAsync();
        File.Delete(_folder.Below("pid"));
        if (Directory.Exists(_folder.Below("exec")))
        {
            Directory.Delete(_folder.Below("exec"), recursive: true);
        }
        _daemon = await ExternalProcess.StartAsync(_process, cancellationToken);
    }

    /// <summary>Has dockerd end its containers and itself, and starts it again.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        Signals.Send(ProcessId, UnixSignal.Terminate);
        await _daemon.WaitForExitAsync(TimeSpan.FromSeconds(60), cancellationToken);
        await StartAgainAsync(cancellationToken);
    }

    /// <summary>The engine's version.</summary>
    public async Task<string> VersionAsync(CancellationToken cancellationToken) =>
        (await DockerAsync(["version", "--format", "{{.Server.Version}}"], cancellationToken)).OrThrow().Output.Trim();

    /// <summary>The id of dockerd's process, which its own pid file does not tell because it has process ids of its own.</summary>
    public int ProcessId => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0)
        .Single(pid => pid > 0 && IsIt(pid));

    /// <summary>The mirrors of docker.io that it uses now.</summary>
    public async Task<string> MirrorsAsync(CancellationToken cancellationToken) =>
        (await DockerAsync(["info", "--format", "{{json .RegistryConfig.Mirrors}}"], cancellationToken)).OrThrow().Output.Trim();

    /// <summary>The socket of its API.</summary>
    public string SocketPath => _folder.Below("d.sock");

    /// <summary>Pulls an image by its name.</summary>
    public async Task PullAsync(string image, CancellationToken cancellationToken) =>
        (await DockerAsync(["pull", "--quiet", image], cancellationToken)).OrThrow();

    /// <summary>The id of an image that was pulled: the digest of its configuration.</summary>
    public async Task<string> ImageIdAsync(string image, CancellationToken cancellationToken) =>
        (await DockerAsync(["image", "inspect", "--format", "{{.Id}}", image], cancellationToken)).OrThrow().Output.Trim();

    /// <summary>Runs a command in a container of the image and returns what it wrote.</summary>
    public async Task<string> RunAsync(string image, IEnumerable<string> command, CancellationToken cancellationToken) =>
        (await DockerAsync(["run", "--rm", "--network", "none", image, .. command], cancellationToken)).OrThrow().Output;

    /// <summary>Runs the docker client against this engine.</summary>
    public Task<CommandResult> DockerAsync(IEnumerable<string> arguments, CancellationToken cancellationToken) => Command.RunAsync(
        _programs.PathOf("/usr/bin/docker"),
        ["--config", _folder.Path, "-H", Socket(_folder), .. arguments],
        cancellationToken);

    /// <summary>Builds with BuildKit, its progress as plain lines on the error stream.</summary>
    public Task<CommandResult> BuildAsync(IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        BuildAsync(arguments, ReadOnlyMemory<byte>.Empty, cancellationToken);

    /// <summary>Builds with what the client reads from its standard input.</summary>
    public Task<CommandResult> BuildAsync(IEnumerable<string> arguments, ReadOnlyMemory<byte> input, CancellationToken cancellationToken) => Command.RunAsync(
        _programs.PathOf("/usr/bin/docker"),
        ["--config", _folder.Path, "-H", Socket(_folder), "build", "--progress", "plain", .. arguments],
        new Dictionary<string, string>(StringComparer.Ordinal) { ["DOCKER_BUILDKIT"] = "1" },
        input,
        cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        await _folder.DisposeAsync();
    }

    /// <summary>The first process of its own ids: a child that it has just forked looks the same until it becomes another program.</summary>
    private bool IsIt(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/comm").Trim() == "dockerd" && File.ReadAllText($"/proc/{pid}/cmdline").Contains(_folder.Path, StringComparison.Ordinal)
                && File.ReadLines($"/proc/{pid}/status").Any(line => line.StartsWith("NSpid:", StringComparison.Ordinal) && line.EndsWith("\t1", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            // It has ended since.
            return false;
        }
    }

    private static string Socket(TempFolder folder) => "unix://" + folder.Below("d.sock");
}

using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.TestKit.Engines;

/// <summary>A real dockerd of a host's own, set up as a user would: <c>registry-mirrors</c> in daemon.json and nothing else.</summary>
public sealed class DockerEngine : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly ExternalProcess _daemon;

    private DockerEngine(TempFolder folder, ExternalProcess daemon)
    {
        _folder = folder;
        _daemon = daemon;
    }

    /// <summary>What dockerd wrote.</summary>
    public BoundedLog Log => _daemon.Log;

    /// <summary>Starts dockerd inside a host.</summary>
    /// <param name="host">Where.</param>
    /// <param name="mirror">What daemon.json names as registry mirror, or null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<DockerEngine> StartAsync(NetworkHost host, Uri? mirror, CancellationToken cancellationToken)
    {
        var folder = TempFolder.Create("docker");
        try
        {
            var configuration = folder.Below("daemon.json");
            await File.WriteAllTextAsync(configuration, mirror is null ? "{}" : $$"""{"registry-mirrors": ["{{mirror}}"]}""", cancellationToken);
            return await StartAsync(host, folder, configuration, cancellationToken);
        }
        catch
        {
            await folder.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts dockerd inside a host with a daemon.json that is the test's.</summary>
    public static Task<DockerEngine> StartOnAsync(NetworkHost host, string configuration, CancellationToken cancellationToken) =>
        StartAsync(host, TempFolder.Create("docker"), configuration, cancellationToken);

    /// <summary>Starts dockerd inside a host, with one volume driver where it looks for them.</summary>
    /// <param name="host">Where.</param>
    /// <param name="mirror">What daemon.json names as registry mirror.</param>
    /// <param name="driver">The driver's name and its socket.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<DockerEngine> StartAsync(
        NetworkHost host, Uri mirror, (string Name, string Socket) driver, CancellationToken cancellationToken)
    {
        var folder = TempFolder.Create("docker");
        var configuration = folder.Below("daemon.json");
        await File.WriteAllTextAsync(configuration, $$"""{"registry-mirrors": ["{{mirror}}"]}""", cancellationToken);
        // Its mounts are its own, and so is what it sees here.
        var script = $"mkdir -p /run/docker && mount -t tmpfs none /run/docker && mkdir /run/docker/plugins && ln -s '{driver.Socket}' /run/docker/plugins/{driver.Name}.sock && exec \"$@\"";
        return await StartAsync(host, folder, configuration, cancellationToken, ["sh", "-c", script, "sh"]);
    }

    private static async Task<DockerEngine> StartAsync(
        NetworkHost host, TempFolder folder, string configuration, CancellationToken cancellationToken, IReadOnlyList<string>? before = null)
    {
        try
        {
            var program = EnginePrograms.Path("/usr/sbin/dockerd");
            var plan = EnginePrograms.Contained("dockerd on " + host.Name, host, before?[0] ?? program,
            [
                .. before is null ? [] : before.Skip(1).Append(program),
                "--config-file", configuration,
                "--data-root", folder.Below("data"), "--exec-root", folder.Below("exec"), "--pidfile", folder.Below("pid"),
                "-H", Socket(folder), "--bridge", "none", "--iptables=false", "--ip-forward=false",
            ]) with
            {
                Ready = Readiness.WhenLogSays("API listen on"),
                Deadline = TimeSpan.FromSeconds(60),
            };
            return new DockerEngine(folder, await ExternalProcess.StartAsync(plan, cancellationToken));
        }
        catch
        {
            await folder.DisposeAsync();
            throw;
        }
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
        EnginePrograms.Path("/usr/bin/docker"),
        ["--config", _folder.Path, "-H", Socket(_folder), .. arguments],
        cancellationToken);

    /// <summary>Builds with BuildKit, its progress as plain lines on the error stream.</summary>
    public Task<CommandResult> BuildAsync(IEnumerable<string> arguments, CancellationToken cancellationToken) => Command.RunAsync(
        EnginePrograms.Path("/usr/bin/docker"),
        ["--config", _folder.Path, "-H", Socket(_folder), "build", "--progress", "plain", .. arguments],
        new Dictionary<string, string>(StringComparer.Ordinal) { ["DOCKER_BUILDKIT"] = "1" },
        cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        await _folder.DisposeAsync();
    }

    private bool IsIt(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/comm").Trim() == "dockerd" && File.ReadAllText($"/proc/{pid}/cmdline").Contains(_folder.Path, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It has ended since.
            return false;
        }
    }

    private static string Socket(TempFolder folder) => "unix://" + folder.Below("d.sock");
}

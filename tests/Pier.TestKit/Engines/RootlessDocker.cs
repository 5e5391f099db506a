using Pier.TestKit.Files;
using Pier.TestKit.Network;
using Pier.TestKit.Processes;

namespace Pier.TestKit.Engines;

/// <summary>
/// A real dockerd without root, as Docker's own script starts it: RootlessKit, slirp4netns, and a user whom only its mounts know. Its
/// network is its own; the host's other addresses are reached from there, its loopback is not.
/// </summary>
public sealed class RootlessDocker : IAsyncDisposable
{
    private const string Install = "apt-get install rootlesskit slirp4netns uidmap";
    private const int User = 4242;

    private readonly TempFolder _folder;
    private readonly NetworkHost _host;
    private readonly string _script;
    private ExternalProcess? _daemon;

    private RootlessDocker(TempFolder folder, NetworkHost host, string script)
    {
        _folder = folder;
        _host = host;
        _script = script;
    }

    /// <summary>The user's own daemon.json.</summary>
    public string Configuration => _folder.Below("home", ".config", "docker", "daemon.json");

    /// <summary>The user's home.</summary>
    public string Home => _folder.Below("home");

    private string Socket => _folder.Below("run", "docker.sock");

    /// <summary>Makes the user, with a daemon.json.</summary>
    public static async Task<RootlessDocker> CreateAsync(NetworkHost host, string configuration, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        var script = EnginePrograms.Installed.PathOf("/usr/share/docker.io/contrib/dockerd-rootless.sh");
        foreach (var tool in new[] { "rootlesskit", "slirp4netns", "newuidmap" })
        {
            RequiredTool.Path(tool, Install);
        }
        var folder = TempFolder.Create("rootless");
        try
        {
            File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
            foreach (var name in new[] { "run", "pier", "home/.config/docker" })
            {
                folder.MakeFolder(name);
            }
            await File.WriteAllTextAsync(folder.Below("home", ".config", "docker", "daemon.json"), configuration, cancellationToken);
            await File.WriteAllTextAsync(folder.Below("passwd"), await File.ReadAllTextAsync("/etc/passwd", cancellationToken) + $"rootless:x:{User}:{User}::{folder.Below("home")}:/bin/sh\n", cancellationToken);
            await File.WriteAllTextAsync(folder.Below("group"), await File.ReadAllTextAsync("/etc/group", cancellationToken) + $"rootless:x:{User}:\n", cancellationToken);
            await File.WriteAllTextAsync(folder.Below("subid"), "rootless:500000:65536\n", cancellationToken);
            (await Command.RunAsync("chown", ["-R", $"{User}:{User}", folder.Below("home"), folder.Below("run")], cancellationToken)).OrThrow();
            // Some machines keep it for root.
            (await Command.RunAsync("mknod", ["-m", "666", folder.Below("tun"), "c", "10", "200"], cancellationToken)).OrThrow();
            return new RootlessDocker(folder, host, script);
        }
        catch
        {
            await folder.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts dockerd.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var plan = EnginePrograms.Installed.Contained("rootless dockerd on " + _host.Name, _host, "/bin/sh", AsUser(_script, [])) with
        {
            Ready = Readiness.WhenLogSays("API listen on"),
            Deadline = TimeSpan.FromSeconds(120),
        };
        _daemon = await ExternalProcess.StartAsync(plan, cancellationToken);
    }

    /// <summary>Does what <c>systemctl --user reload docker</c> does with the unit of Docker's set-up tool: SIGHUP to the unit's first process.</summary>
    public void Reload() => Signals.Send(
        Directory.EnumerateDirectories("/proc").Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0).Single(pid => pid > 0 && IsFirst(pid)),
        UnixSignal.Hangup);

    /// <summary>The mirrors of docker.io that it uses now.</summary>
    public async Task<string> MirrorsAsync(CancellationToken cancellationToken) =>
        (await DockerAsync(["info", "--format", "{{json .RegistryConfig.Mirrors}}"], cancellationToken)).OrThrow().Output.Trim();

    /// <summary>Runs <c>pier</c> as the user.</summary>
    public Task<CommandResult> PierAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        RequiredTool.Path(Path.Combine(AppContext.BaseDirectory, "pier"), "dotnet build");
        return _host.Namespace.RunAsync(
            "unshare", ["--mount", "--propagation", "slave", "/bin/sh", .. AsUser(_folder.Below("pier", "pier"), arguments)], cancellationToken);
    }

    /// <summary>Runs the docker client against this engine.</summary>
    public Task<CommandResult> DockerAsync(IEnumerable<string> arguments, CancellationToken cancellationToken) => Command.RunAsync(
        EnginePrograms.Installed.PathOf("/usr/bin/docker"), ["--config", _folder.Path, "-H", "unix://" + Socket, .. arguments], cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_daemon is not null)
        {
            await _daemon.DisposeAsync();
        }
        await _folder.DisposeAsync();
    }

    private bool IsFirst(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/comm").Trim() == "rootlesskit" && File.ReadAllText($"/proc/{pid}/environ").Contains(Home, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It has ended since.
            return false;
        }
    }

    /// <summary>Arguments of a shell that becomes the user, who can read this program's folder wherever that lies.</summary>
    private IReadOnlyList<string> AsUser(string program, IEnumerable<string> arguments)
    {
        var folder = _folder.Path;
        var mounts = $"""
            mount --make-rshared /
            mount --bind '{folder}/passwd' /etc/passwd
            mount --bind '{folder}/group' /etc/group
            touch /etc/subuid /etc/subgid
            mount --bind '{folder}/subid' /etc/subuid
            mount --bind '{folder}/subid' /etc/subgid
            mount --bind '{folder}/tun' /dev/net/tun
            mount --bind '{AppContext.BaseDirectory}' '{folder}/pier'
            cd '{folder}'
            exec "$@"
            """;
        return
        [
            "-ec", mounts, "sh", "setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups",
            "env", "-i", $"PATH={EnginePrograms.Installed.Environs["PATH"]}", $"HOME={Home}", "USER=rootless", $"XDG_RUNTIME_DIR={_folder.Below("run")}", program, .. arguments,
        ];
    }
}

namespace Pier.TestKit.Engines;

/// <summary>What a dockerd of the tests is started with.</summary>
public sealed record DockerPlan
{
    /// <summary>Which edition.</summary>
    public EnginePrograms Programs { get; init; } = EnginePrograms.Installed;

    /// <summary>What daemon.json names as registry mirror, or null for none.</summary>
    public Uri? Mirror { get; init; }

    /// <summary>Whether images go to containerd's store; null for what the edition does by itself.</summary>
    public bool? ContainerdStore { get; init; }

    /// <summary>The folder below which its data lie, or null for the machine's temporary one.</summary>
    public string? Below { get; init; }

    /// <summary>A daemon.json of the test's own, in place of one from the members above.</summary>
    public string? Configuration { get; init; }

    /// <summary>A folder that it sees as /etc/docker, or null for this machine's own.</summary>
    public string? Settings { get; init; }

    /// <summary>A volume driver's name and socket, or null.</summary>
    public (string Name, string Socket)? Driver { get; init; }

    /// <summary>Whether it runs managed plugins, and keeps their sockets apart from other engines; with a driver it does the latter.</summary>
    public bool OwnPlugins { get; init; }

    /// <summary>daemon.json.</summary>
    internal string DaemonJson
    {
        get
        {
            var members = new List<string>();
            if (Mirror is not null)
            {
                members.Add($"\"registry-mirrors\": [\"{Mirror}\"]");
            }
            if (ContainerdStore is { } wanted)
            {
                members.Add($"\"features\": {{\"containerd-snapshotter\": {(wanted ? "true" : "false")}}}");
            }
            return $"{{{string.Join(", ", members)}}}";
        }
    }

    /// <summary>What is done first where its mounts are its own; null for nothing.</summary>
    /// <param name="data">The folder that it keeps its state in.</param>
    internal string? Script(string data)
    {
        var steps = new List<string>();
        if (Settings is not null)
        {
            steps.Add($"mkdir -p /etc/docker && mount --bind '{Settings}' /etc/docker");
        }
        if (OwnPlugins || Driver is not null)
        {
            steps.Add("mkdir -p /run/docker && mount -t tmpfs none /run/docker && mkdir /run/docker/plugins");
        }
        if (OwnPlugins)
        {
            // As on hosts with systemd, and as Docker 28 wants it of the folder from which plugins are started.
            steps.Add($"mkdir -p '{data}' && mount --bind '{data}' '{data}' && mount --make-shared '{data}'");
        }
        if (Driver is var (name, socket))
        {
            steps.Add($"ln -s '{socket}' /run/docker/plugins/{name}.sock");
        }
        return steps.Count == 0 ? null : string.Join(" && ", steps);
    }
}

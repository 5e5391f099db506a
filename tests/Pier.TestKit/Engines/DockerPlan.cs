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

    /// <summary>A daemon.json of the test's own, in place of one from the members above.</summary>
    public string? Configuration { get; init; }

    /// <summary>A folder that it sees as /etc/docker, or null for this machine's own.</summary>
    public string? Settings { get; init; }

    /// <summary>A volume driver's name and socket, or null.</summary>
    public (string Name, string Socket)? Driver { get; init; }

    /// <summary>Whether it keeps sockets of plugins apart from other engines; with a driver it does.</summary>
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
    internal string? Script
    {
        get
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
            if (Driver is var (name, socket))
            {
                steps.Add($"ln -s '{socket}' /run/docker/plugins/{name}.sock");
            }
            return steps.Count == 0 ? null : string.Join(" && ", steps);
        }
    }
}

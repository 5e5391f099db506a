using Pier.Api.Nodes;
using Pier.Engines.Files;
using Pier.Engines.Mirrors;
using Pier.Engines.Probes;
using Pier.Engines.Texts;

namespace Pier.Engines.Diagnosis;

/// <summary>Finds out, engine by engine, whether its pulls come to Pier, from what its files say and what it says itself.</summary>
/// <param name="root">The host's files.</param>
/// <param name="address">Where Pier is.</param>
/// <param name="docker">What the Docker Engine says; null when none answers.</param>
public sealed class EngineChecks(HostRoot root, MirrorAddress address, DockerFacts? docker)
{
    private const string DaemonJson = "/etc/docker/daemon.json";
    private const string Containerd = "/etc/containerd/config.toml";
    private const string Podman = "/etc/containers/registries.conf.d";
    private const string Buildkit = "/etc/buildkit/buildkitd.toml";
    private const int FirstWithHosts = 28;

    /// <summary>Every engine that is on this host; a failure when none of them is told of Pier.</summary>
    public IReadOnlyList<CheckResult> Run()
    {
        CheckResult[] found = [.. DockerChecks(), .. ContainerdChecks(), .. PodmanChecks(), .. BuildkitChecks()];
        if (found.Length == 0)
        {
            return [CheckResult.Warning("engines", "no container engine was found on this host", "Name Pier in pulls (HOST:5055/ghcr.io/owner/app), or install an engine and then: pier install ENGINE.")];
        }
        return found;
    }

    private IEnumerable<CheckResult> DockerChecks()
    {
        if (docker is null && root.Read(DaemonJson) is null)
        {
            yield break;
        }
        var (inFile, problem) = Mirrors();
        if (problem is not null)
        {
            yield return CheckResult.Failed("docker", problem, "Mend the file, then: systemctl reload docker. Pier leaves it as it is.");
        }
        else if (docker is null)
        {
            yield return CheckResult.Warning("docker", "no Docker Engine answers", "Start it (systemctl start docker), or run this as a user who may talk to it.");
        }
        else
        {
            yield return Running(docker, inFile);
            yield return Store(docker);
        }
    }

    private CheckResult Running(DockerFacts engine, IReadOnlyList<string> inFile)
    {
        var inUse = engine.Mirrors.Select(mirror => mirror.TrimEnd('/')).ToList();
        var place = inUse.IndexOf(address.Text);
        if (place == 0)
        {
            return CheckResult.Ok("docker", $"Docker {engine.Version} asks Pier first for docker.io");
        }
        if (place > 0)
        {
            return CheckResult.Warning("docker", $"Docker {engine.Version} asks {string.Join(", ", inUse.Take(place))} before Pier", $"Put {address.Text} first in registry-mirrors of {DaemonJson}, then: systemctl reload docker");
        }
        return inFile.Any(mirror => mirror.TrimEnd('/') == address.Text)
            ? CheckResult.Failed("docker", $"{DaemonJson} names Pier, but the running dockerd has not read it", "systemctl reload docker (containers go on). If that does not help, dockerd was started with another --config-file.")
            : HostsNamePier("/etc/docker/certs.d") && engine is { HasContainerdStore: true, Major: >= FirstWithHosts }
                ? CheckResult.Ok("docker", $"Docker {engine.Version} is sent to Pier by certs.d")
                : CheckResult.Failed("docker", $"Docker {engine.Version} has not been told of Pier", "sudo pier install docker");
    }

    private static CheckResult Store(DockerFacts engine) => engine.HasContainerdStore
        ? engine.Major >= FirstWithHosts
            ? CheckResult.Ok("docker images", "the containerd image store: every registry goes through Pier, and layers are kept as they were pulled")
            : CheckResult.Warning("docker images", "the containerd image store, but Docker before 28 asks mirrors for docker.io only", "Name Pier for other registries (docker pull localhost:5055/ghcr.io/owner/app), or upgrade Docker.")
        : CheckResult.Warning(
            "docker images", $"the classic image store ({engine.Driver}) unpacks layers and cannot give the original ones back: images pulled before Pier came cannot be seeded, and only docker.io goes through mirrors",
            "Pull such images once more through Pier, or switch to the containerd image store: \"features\": {\"containerd-snapshotter\": true} in daemon.json.");

    private IEnumerable<CheckResult> ContainerdChecks()
    {
        // A dockerd's own containerd has no configuration of its own and is not asked to pull.
        if (root.Read(Containerd) is null)
        {
            yield break;
        }
        var lines = MarkedBlock.Lines(root.ReadText(Containerd) ?? "");
        var folders = TomlScan.Tables(lines).Where(table => table.Name.EndsWith(".registry", StringComparison.Ordinal))
            .Select(table => TomlScan.Key(lines, table.Line, "config_path")?.Value.Split(':')[0]).Where(folder => folder is { Length: > 0 }).ToArray();
        var folder = folders is [{ } named, ..] ? named : "/etc/containerd/certs.d";
        if (!HostsNamePier(folder))
        {
            yield return CheckResult.Warning("containerd", $"no hosts.toml below {folder} names Pier", "sudo pier install containerd");
        }
        else if (folders.Length == 0)
        {
            yield return CheckResult.Warning("containerd", $"{folder} names Pier, but {Containerd} does not name the folder: ctr and nerdctl go through Pier, Kubernetes does not", "sudo pier install containerd, then: systemctl restart containerd (containers go on)");
        }
        else if (root.IsThisHost && ProcessStart.Of("containerd") is { } started && File.GetLastWriteTimeUtc(root.Place(Containerd)) > started)
        {
            yield return CheckResult.Failed("containerd", $"{Containerd} was changed after containerd started", "systemctl restart containerd (containers go on)");
        }
        else
        {
            yield return CheckResult.Ok("containerd", $"{folder} sends pulls to Pier");
        }
    }

    private IEnumerable<CheckResult> PodmanChecks()
    {
        if (!File.Exists(root.Place("/usr/bin/podman")) && !File.Exists(root.Place("/usr/bin/crio")))
        {
            yield break;
        }
        var naming = root.Files(Podman).FirstOrDefault(file => root.ReadText($"{Podman}/{file}")?.Contains(address.HostPort, StringComparison.Ordinal) == true);
        yield return naming is null
            ? CheckResult.Warning("podman", $"no file in {Podman} names Pier", "sudo pier install podman")
            : address.IsPlain && root.ReadText($"{Podman}/{naming}")?.Contains("insecure = true", StringComparison.Ordinal) != true
                ? CheckResult.Failed("podman", $"{Podman}/{naming} names Pier without insecure = true, and Pier speaks plain HTTP there", "sudo pier install podman writes it right")
                : CheckResult.Ok("podman", $"{Podman}/{naming} sends pulls to Pier");
    }

    private IEnumerable<CheckResult> BuildkitChecks()
    {
        if (root.ReadText(Buildkit) is not { } text)
        {
            yield break;
        }
        yield return text.Contains(address.HostPort, StringComparison.Ordinal)
            ? CheckResult.Ok("buildkit", $"{Buildkit} sends pulls to Pier")
            : CheckResult.Warning("buildkit", $"{Buildkit} does not name Pier", "sudo pier install buildkit");
    }

    private bool HostsNamePier(string folder) =>
        root.Folders(folder).Any(registry => root.ReadText($"{folder}/{registry}/hosts.toml")?.Contains(address.Text, StringComparison.Ordinal) == true);

    private (IReadOnlyList<string> Mirrors, string? Problem) Mirrors()
    {
        var text = root.Read(DaemonJson);
        try
        {
            return (text is null || JsonText.IsBlank(text) ? [] : JsonText.List(text, "registry-mirrors") ?? [], null);
        }
        catch (FormatException notJson)
        {
            return ([], $"{DaemonJson} cannot be read: {notJson.Message}");
        }
    }
}

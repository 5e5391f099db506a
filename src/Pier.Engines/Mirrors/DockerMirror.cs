using System.Text;
using Pier.Engines.Files;
using Pier.Engines.Install;
using Pier.Engines.Texts;

namespace Pier.Engines.Mirrors;

/// <summary>
/// Docker Engine: <c>registry-mirrors</c> in daemon.json serves docker.io in every version; <c>certs.d</c> serves every registry from
/// 28 on with the containerd image store, and builds with both stores.
/// </summary>
internal sealed class DockerMirror(bool rootless) : IMirrorConfiguration
{
    private const string Member = "registry-mirrors";
    private const string DockerHub = "docker.io";
    private const int FirstWithHosts = 28;

    public string Engine => rootless ? "docker-rootless" : "docker";

    public bool IsElsewhere => rootless;

    public MirrorFiles Write(HostRoot root, MirrorRequest request, Func<string, byte[]?> read)
    {
        var folder = rootless ? $"{root.Home}/.config/docker" : "/etc/docker";
        var files = new List<MirrorFile>();
        var remarks = new List<string>();
        var authority = request.Address is { Authority: not null, IsPlain: false } ? $"{folder}/certs.d/{request.Address.HostPort}/ca.crt" : null;
        if (authority is not null)
        {
            files.Add(new MirrorFile(authority, Encoding.UTF8.GetBytes(request.Address.Authority!), new MirrorTrace()));
        }
        if (request.Address.Credentials is null)
        {
            files.AddRange(DaemonJson($"{folder}/daemon.json", request, read));
        }
        else
        {
            remarks.Add("registry-mirrors cannot carry a token, so daemon.json stays: only the containerd image store of Docker 28 or newer goes through Pier.");
        }
        if (request.DockerVersion is null or >= FirstWithHosts)
        {
            files.AddRange(HostsToml.Files($"{folder}/certs.d", request, read, authority));
            if (request.Registries.Count == 0)
            {
                remarks.AddRange(HostsToml.Exceptions(root, $"{folder}/certs.d"));
            }
        }
        if (request.DockerVersion is not >= FirstWithHosts)
        {
            remarks.Add($"Docker before 28, and the classic image store of any version, ask mirrors for docker.io only. Name Pier for other registries: docker pull {request.Address.HostPort}/ghcr.io/owner/app:1.2");
        }
        return new MirrorFiles(files, remarks);
    }

    public EngineReload ReloadFor(string path) =>
        !path.EndsWith("daemon.json", StringComparison.Ordinal) ? EngineReload.None
        : rootless ? new EngineReload(null, null, "systemctl --user reload docker", "containers go on")
        : new EngineReload("/run/docker.pid", "dockerd", "systemctl reload docker", "containers go on");

    /// <summary>A list that is gone is passed over by dockerd's reload, in every version (moby, <c>daemon/reload.go</c>).</summary>
    public string? RemarkOnRemoval(string path, byte[]? left) =>
        path.EndsWith("daemon.json", StringComparison.Ordinal) && (left is null || JsonText.IsBlank(left) || JsonText.List(left, Member) is null)
            ? $"{path} has no {Member} any more, and a running dockerd keeps those it knows until it is started again: it asks Pier first, and the registry itself when Pier does not answer."
            : null;

    public byte[]? TakeOut(string path, byte[] edited, MirrorTrace trace)
    {
        if (path.EndsWith("hosts.toml", StringComparison.Ordinal))
        {
            return HostsToml.TakeOut(edited);
        }
        if (trace.Value is null)
        {
            return edited;
        }
        try
        {
            return JsonText.Remove(edited, Member, trace.Value, trace.OwnsList);
        }
        catch (FormatException notJson)
        {
            throw NotJson(path, notJson);
        }
    }

    private static IEnumerable<MirrorFile> DaemonJson(string path, MirrorRequest request, Func<string, byte[]?> read)
    {
        if (request.Registries.Count > 0 && !request.Registries.Contains(DockerHub))
        {
            yield break;
        }
        var there = read(path) ?? [];
        IReadOnlyList<string>? mirrors;
        byte[] made;
        try
        {
            mirrors = JsonText.IsBlank(there) ? null : JsonText.List(there, Member);
            made = JsonText.Prepend(there, Member, request.Address.Text);
        }
        catch (FormatException notJson)
        {
            throw NotJson(path, notJson);
        }
        if (mirrors?.Any(mirror => mirror.TrimEnd('/') == request.Address.Text) != true)
        {
            yield return new MirrorFile(path, made, new MirrorTrace(request.Address.Text, OwnsList: mirrors is null));
        }
    }

    private static EngineException NotJson(string path, FormatException why) => new(
        $"{path} is left untouched: {why.Message}.", "Mend the file by hand (dockerd --validate --config-file says what it dislikes), then run this again.", why);
}

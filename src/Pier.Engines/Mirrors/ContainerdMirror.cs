using System.Text;
using Pier.Engines.Files;
using Pier.Engines.Install;
using Pier.Engines.Texts;

namespace Pier.Engines.Mirrors;

/// <summary>
/// containerd: a folder of <c>hosts.toml</c> files, and <c>config_path</c> in config.toml that names it for Kubernetes (ctr and
/// nerdctl are told by flag or look there by themselves).
/// </summary>
internal sealed class ContainerdMirror : IMirrorConfiguration
{
    private const string Config = "/etc/containerd/config.toml";
    private const string DefaultFolder = "/etc/containerd/certs.d";
    private const string Version1 = "plugins.\"io.containerd.grpc.v1.cri\".registry";
    private const string Version2 = "plugins.\"io.containerd.cri.v1.images\".registry";

    public string Engine => "containerd";

    public bool IsElsewhere => false;

    public MirrorFiles Write(HostRoot root, MirrorRequest request, Func<string, byte[]?> read)
    {
        var text = read(Config) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
        var remarks = new List<string>();
        var (folder, changed) = ConfigPath(text, remarks);
        var files = new List<MirrorFile>();
        var authority = request.Address is { Authority: not null, IsPlain: false } ? $"{folder}/{request.Address.HostPort}/ca.crt" : null;
        if (authority is not null)
        {
            files.Add(new MirrorFile(authority, Encoding.UTF8.GetBytes(request.Address.Authority!), new MirrorTrace()));
        }
        files.AddRange(HostsToml.Files(folder, request, read, authority));
        if (changed is not null)
        {
            files.Add(new MirrorFile(Config, Encoding.UTF8.GetBytes(changed), new MirrorTrace()));
        }
        if (request.Registries.Count == 0)
        {
            remarks.AddRange(HostsToml.Exceptions(root, folder));
        }
        remarks.Add($"ctr needs the folder by name: ctr images pull --hosts-dir {folder} NAME");
        return new MirrorFiles(files, remarks);
    }

    public EngineReload ReloadFor(string path) => path == Config
        ? new EngineReload(null, null, "systemctl restart containerd", "containers go on; once only, later changes need no restart")
        : EngineReload.None;

    public byte[]? TakeOut(string path, byte[] edited, MirrorTrace trace) =>
        path.EndsWith(".toml", StringComparison.Ordinal) ? HostsToml.TakeOut(edited) : edited;

    /// <summary>The folder that the configuration names, and the configuration that names one when it did not.</summary>
    private static (string Folder, string? Changed) ConfigPath(string? text, List<string> remarks)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            // Without a file containerd runs on its built-in configuration, and one with this table alone would be of version 1.
            remarks.Add($"There is no {Config}: ctr and nerdctl go through Pier; for Kubernetes write one first (containerd config default) and run this again.");
            return (DefaultFolder, null);
        }
        var lines = MarkedBlock.Lines(text);
        var version = TomlScan.Key(lines, -1, "version")?.Value;
        var table = version is "3" or "4" ? Version2 : Version1;
        if (version is not ("2" or "3" or "4"))
        {
            remarks.Add($"{Config} is of version 1, whose CRI has no config_path: it stays as it is. 'containerd config migrate' makes a newer one.");
            return (DefaultFolder, null);
        }
        if (TomlScan.Tables(lines).Any(header => header.Name.StartsWith($"{table}.mirrors.", StringComparison.Ordinal)))
        {
            throw new EngineException(
                $"{Config} is left untouched: it has {table}.mirrors, which containerd does not take together with config_path.",
                "Move those mirrors into hosts.toml files (containerd docs/hosts.md), then run this again.");
        }
        if (TomlScan.Table(lines, table) is not { } header)
        {
            return (DefaultFolder, MarkedBlock.Insert(text, lines.Count, $"[{table}]\n  config_path = \"{DefaultFolder}\"\n"));
        }
        var key = TomlScan.Key(lines, header, "config_path");
        if (key is { Value.Length: > 0 } named)
        {
            return (named.Value.Split(':')[0], null);
        }
        var line = $"  config_path = \"{DefaultFolder}\"\n";
        return (DefaultFolder, key is { } empty ? MarkedBlock.Insert(text, empty.Line, line, replaced: 1) : MarkedBlock.Insert(text, header + 1, line));
    }
}

using System.Text;
using Pier.Engines.Files;
using Pier.Engines.Install;
using Pier.Engines.Texts;

namespace Pier.Engines.Mirrors;

/// <summary>Podman, Buildah, Skopeo and CRI-O: one file in <c>registries.conf.d</c> (containers-registries.conf.d(5)), with the registry in the mirror's path.</summary>
internal sealed class PodmanMirror(string engine) : IMirrorConfiguration
{
    private const string Folder = "/etc/containers/registries.conf.d";
    private const string Own = "50-pier.conf";

    public string Engine => engine;

    public bool IsElsewhere => false;

    public MirrorFiles Write(HostRoot root, MirrorRequest request, Func<string, byte[]?> read)
    {
        var remarks = new List<string>();
        if (request.Address.Credentials is not null)
        {
            remarks.Add($"Its files cannot carry a token: run 'podman login {request.Address.HostPort}' besides.");
        }
        var taken = Taken(root);
        var text = new StringBuilder();
        foreach (var registry in request.Named)
        {
            if (taken.TryGetValue(registry, out var file))
            {
                remarks.Add($"{registry} stays as it is: {file} says how it is reached.");
                continue;
            }
            text.Append($"[[registry]]\nprefix = \"{registry}\"\nlocation = \"{registry}\"\n");
            text.Append($"[[registry.mirror]]\nlocation = \"{request.Address.HostPort}/{registry}\"\n");
            text.Append(request.Address.IsPlain ? "insecure = true\n\n" : "\n");
        }
        var files = new List<MirrorFile>();
        if (text.Length > 0)
        {
            files.Add(new MirrorFile($"{Folder}/{Own}", Encoding.UTF8.GetBytes(MarkedBlock.Insert("", 0, text.ToString())), new MirrorTrace()));
        }
        if (request.Address is { Authority: { } authority, IsPlain: false })
        {
            files.Add(new MirrorFile($"/etc/containers/certs.d/{request.Address.HostPort}/ca.crt", Encoding.UTF8.GetBytes(authority), new MirrorTrace()));
        }
        return new MirrorFiles(files, remarks);
    }

    public EngineReload ReloadFor(string path) => engine == "crio"
        ? new EngineReload("/run/crio/crio.pid", "crio", "systemctl reload crio", "containers go on")
        : EngineReload.None;

    public byte[]? TakeOut(string path, byte[] edited, MirrorTrace trace) =>
        path.EndsWith(".conf", StringComparison.Ordinal) ? HostsToml.TakeOut(edited) : edited;

    /// <summary>Registries that other files describe: a later file of the same prefix would replace an earlier one's words.</summary>
    private static Dictionary<string, string> Taken(HostRoot root)
    {
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in (IEnumerable<string>)["/etc/containers/registries.conf", .. root.Files(Folder).Where(name => name != Own).Select(name => $"{Folder}/{name}")])
        {
            var lines = MarkedBlock.Lines(root.ReadText(path) ?? "");
            foreach (var (line, _) in TomlScan.Tables(lines).Where(table => table.Name == "registry"))
            {
                if ((TomlScan.Key(lines, line, "prefix") ?? TomlScan.Key(lines, line, "location")) is { } named)
                {
                    taken.TryAdd(named.Value, path);
                }
            }
        }
        return taken;
    }
}

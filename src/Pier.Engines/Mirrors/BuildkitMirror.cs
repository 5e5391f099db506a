using System.Text;
using Pier.Engines.Files;
using Pier.Engines.Install;
using Pier.Engines.Texts;

namespace Pier.Engines.Mirrors;

/// <summary>buildkitd on this host, and the builders that <c>docker buildx create</c> makes: mirrors by registry in buildkitd.toml.</summary>
internal sealed class BuildkitMirror(bool buildx) : IMirrorConfiguration
{
    public string Engine => buildx ? "buildx" : "buildkit";

    public bool IsElsewhere => buildx;

    public MirrorFiles Write(HostRoot root, MirrorRequest request, Func<string, byte[]?> read)
    {
        var path = buildx ? $"{root.Home}/.docker/buildx/buildkitd.default.toml" : "/etc/buildkit/buildkitd.toml";
        var text = read(path) is { } bytes ? Encoding.UTF8.GetString(bytes) : "";
        var lines = MarkedBlock.Lines(text);
        var remarks = new List<string>();
        var block = new StringBuilder();
        foreach (var registry in request.Named)
        {
            if (TomlScan.Table(lines, $"registry.\"{registry}\"") is not null)
            {
                remarks.Add($"{registry} stays as it is: {path} has a table for it. Add mirrors = [\"{request.Address.HostPort}\"] there.");
                continue;
            }
            block.Append($"[registry.\"{registry}\"]\n  mirrors = [\"{request.Address.HostPort}\"]\n");
        }
        var files = new List<MirrorFile>();
        if (request.Address.Credentials is not null)
        {
            remarks.Add($"The file cannot carry a token: run 'docker login {request.Address.HostPort}' where you build.");
        }
        if (block.Length > 0)
        {
            if (TomlScan.Table(lines, $"registry.\"{request.Address.HostPort}\"") is null)
            {
                block.Append($"[registry.\"{request.Address.HostPort}\"]\n");
                block.Append(request.Address.IsPlain ? "  http = true\n" : "");
                if (request.Address is { Authority: { } authority, IsPlain: false })
                {
                    var certificate = Path.Combine(Path.GetDirectoryName(path)!, "pier-ca.crt");
                    files.Add(new MirrorFile(certificate, Encoding.UTF8.GetBytes(authority), new MirrorTrace()));
                    block.Append($"  ca = [\"{certificate}\"]\n");
                }
            }
            files.Add(new MirrorFile(path, Encoding.UTF8.GetBytes(MarkedBlock.Insert(text, lines.Count, block.ToString())), new MirrorTrace()));
        }
        return new MirrorFiles(files, remarks);
    }

    public EngineReload ReloadFor(string path) => buildx
        ? new EngineReload(null, null, "docker buildx rm NAME; docker buildx create --name NAME", "builders made from now on have it; those that are there must be made anew")
        : new EngineReload(null, null, "systemctl restart buildkit", "builds that run are broken off");

    public byte[]? TakeOut(string path, byte[] edited, MirrorTrace trace) =>
        path.EndsWith(".toml", StringComparison.Ordinal) ? HostsToml.TakeOut(edited) : edited;
}

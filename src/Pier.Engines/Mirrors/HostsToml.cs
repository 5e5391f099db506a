using System.Text;
using Pier.Engines.Texts;

namespace Pier.Engines.Mirrors;

/// <summary>A <c>hosts.toml</c> of containerd's form, which Docker reads too (containerd docs/hosts.md): Pier is asked before the hosts that are there.</summary>
internal static class HostsToml
{
    /// <summary>The folder that stands for every registry without a folder of its own.</summary>
    public const string Default = "_default";

    /// <summary>Folders below <c>certs.d</c> for the registries that are wanted.</summary>
    public static IEnumerable<string> Folders(MirrorRequest request) => request.Registries.Count == 0 ? [Default] : request.Registries;

    /// <summary>The files for what is wanted, below a folder of containerd's form.</summary>
    /// <param name="folder">The folder that has one folder a registry.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="read">Gives a file as it would be without Pier.</param>
    /// <param name="authority">Path by which the engine finds the authority's certificate, or null.</param>
    public static IEnumerable<MirrorFile> Files(string folder, MirrorRequest request, Func<string, byte[]?> read, string? authority) =>
        Folders(request).Select(registry => $"{folder}/{registry}/hosts.toml").Select(path =>
            new MirrorFile(path, Add(read(path), request.Address, authority), new MirrorTrace(), request.Address.Credentials is not null));

    /// <summary>Folders of registries that go their own way, so that <c>_default</c> is not for them.</summary>
    public static IEnumerable<string> Exceptions(Files.HostRoot root, string folder) =>
        root.Folders(folder).Where(name => name != Default && root.Read($"{folder}/{name}/hosts.toml") is { } text && !MarkedBlock.IsIn(Encoding.UTF8.GetString(text)))
            .Select(name => $"{folder}/{name}/hosts.toml stands for {name} alone; add Pier there too with --registry {name}.");

    /// <summary>The text without Pier; null when nothing is left of it.</summary>
    public static byte[]? TakeOut(byte[] edited)
    {
        var rest = MarkedBlock.Remove(Encoding.UTF8.GetString(edited));
        return string.IsNullOrWhiteSpace(rest) ? null : Encoding.UTF8.GetBytes(rest);
    }

    private static byte[] Add(byte[]? there, MirrorAddress address, string? authority)
    {
        var text = there is null ? "" : Encoding.UTF8.GetString(there);
        var lines = MarkedBlock.Lines(text);
        var host = $"host.\"{address.Text}\"";
        if (TomlScan.Table(lines, host) is not null)
        {
            return there!;
        }
        var block = new StringBuilder($"[{host}]\n  capabilities = [\"pull\", \"resolve\"]\n");
        // No keys of TLS beside http: containerd 2 then tries HTTPS first and fails.
        if (authority is not null && !address.IsPlain)
        {
            block.Append($"  ca = \"{authority}\"\n");
        }
        if (address.Authorization is { } authorization)
        {
            block.Append($"  [{host}.header]\n    Authorization = [\"{authorization}\"]\n");
        }
        // Hosts are asked in the order of the file.
        return Encoding.UTF8.GetBytes(MarkedBlock.Insert(text, TomlScan.FirstTable(lines), block.ToString()));
    }
}

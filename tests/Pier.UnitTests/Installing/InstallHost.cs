using Pier.Engines.Files;
using Pier.Engines.Install;
using Pier.Engines.Mirrors;
using Pier.TestKit.Files;

namespace Pier.UnitTests.Installing;

/// <summary>A host in a temporary folder.</summary>
internal sealed class InstallHost : IAsyncDisposable
{
    /// <summary>Docker, containerd and the others, for every registry.</summary>
    public static readonly MirrorRequest Everything = new(MirrorAddress.Default, []);

    public const string Ledger = "/etc/pier/install.json";
    private readonly TempFolder _folder = TempFolder.Create("host");

    public InstallHost() => Directory.CreateDirectory(Below("/etc"));

    private HostRoot Root => new(_folder.Path, "/root");

    public IReadOnlyList<string> AllFiles => [.. Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories)
        .Select(file => "/" + Path.GetRelativePath(_folder.Path, file)).Order(StringComparer.Ordinal)];

    public IReadOnlyList<string> Folders => [.. Directory.EnumerateDirectories(_folder.Path, "*", SearchOption.AllDirectories)];

    public InstallPlan Install(string engine, MirrorRequest? request = null)
    {
        // A process of its own each time: what is remembered is on disk.
        var installer = new Installer(Root, privileged: true);
        var plan = installer.PlanInstall(engine, request ?? Everything);
        installer.Install(plan);
        return plan;
    }

    public InstallPlan Uninstall(string engine)
    {
        var installer = new Installer(Root, privileged: true);
        var plan = installer.PlanUninstall(engine);
        installer.Uninstall(plan);
        return plan;
    }

    public string Below(string path) => Path.Combine(_folder.Path, path.TrimStart('/'));

    public string Read(string path) => File.ReadAllText(Below(path));

    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Below(path))!);
        File.WriteAllText(Below(path), text);
    }

    public ValueTask DisposeAsync() => _folder.DisposeAsync();
}

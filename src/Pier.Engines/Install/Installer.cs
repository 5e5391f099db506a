using Pier.Engines.Files;
using Pier.Engines.Images;
using Pier.Engines.Mirrors;

namespace Pier.Engines.Install;

/// <summary>
/// Tells engines of Pier and takes it back: plans first, then carries the plan out. Run twice it changes nothing; what others
/// edited in between stays.
/// </summary>
public sealed class Installer
{
    private static readonly IReadOnlyList<IMirrorConfiguration> Configurations =
    [
        new DockerMirror(rootless: false), new DockerMirror(rootless: true), new ContainerdMirror(), new PodmanMirror("podman"), new PodmanMirror("crio"),
        new BuildkitMirror(buildx: false), new BuildkitMirror(buildx: true), new KindMirror(),
    ];

    private const string Docker = "docker";
    private const string RootLedger = "/etc/pier/install.json";

    private readonly HostRoot _root;
    private readonly bool _privileged;
    private readonly InstallLedger _ledger;

    /// <summary>Opens what is remembered of earlier runs.</summary>
    /// <exception cref="EngineException">It cannot be read.</exception>
    public Installer(HostRoot root, bool privileged)
    {
        _root = root;
        _privileged = privileged;
        _ledger = new InstallLedger(root, privileged ? RootLedger : $"{root.Home}/.config/pier/install.json");
    }

    /// <summary>The names of the engines.</summary>
    public static IReadOnlyList<string> Engines { get; } = [.. Configurations.Select(configuration => configuration.Engine)];

    /// <summary>Engines that have been told of Pier.</summary>
    public IReadOnlyList<string> Installed =>
        [.. _ledger.All.SelectMany(entry => entry.Engines).Concat(Frontend is null ? [] : [Docker]).Distinct(StringComparer.Ordinal)];

    /// <summary>The frontend's image that was loaded into the Docker Engine; null when none was.</summary>
    public LoadedImage? Frontend => _ledger.Frontend;

    /// <summary>What telling an engine of Pier changes.</summary>
    /// <exception cref="EngineException">A file is not what it should be, or the address cannot serve the engine; nothing has changed.</exception>
    public InstallPlan PlanInstall(string engine, MirrorRequest request)
    {
        var configuration = Find(engine);
        if (configuration.IsElsewhere && request.Address.IsLoopback)
        {
            throw new EngineException(
                $"{engine} has a network of its own, where {request.Address.Text} is not this host.",
                "Let pierd listen where it is reached (--registry ADDR:5055) and name that: --address http://ADDR:5055, with --token-file when Pier asks for users.");
        }
        var made = configuration.Write(_root, request, Without);
        var wanted = made.Files.ToDictionary(file => file.Path, StringComparer.Ordinal);
        var edits = made.Files.Select(file => new FileEdit(file.Path, _root.Read(file.Path), file.Bytes, file.IsSecret) { Trace = file.Trace })
            // What an earlier run wrote for other registries, or another address, goes.
            .Concat(_ledger.All.Where(entry => entry.Engines is [var only] && only == engine && !wanted.ContainsKey(entry.Path)).Select(entry => new FileEdit(entry.Path, _root.Read(entry.Path), Without(entry.Path))))
            .Where(edit => !edit.ChangesNothing).ToArray();
        return new InstallPlan(engine, edits, made.Remarks, ReloadFor(configuration, edits)) { Files = [.. wanted.Keys] };
    }

    /// <summary>What taking Pier from an engine changes.</summary>
    /// <exception cref="EngineException">An edited file is no longer what it should be; nothing has changed.</exception>
    public InstallPlan PlanUninstall(string engine)
    {
        var configuration = Find(engine);
        var entries = _ledger.All.Where(entry => entry.Engines.Contains(engine, StringComparer.Ordinal)).ToArray();
        if (entries.Length == 0)
        {
            RefuseRoots(engine);
        }
        var edits = entries.Where(entry => entry.Engines.Count == 1).Select(entry => new FileEdit(entry.Path, _root.Read(entry.Path), Without(entry.Path))).Where(edit => !edit.ChangesNothing).ToArray();
        var remarks = entries.Where(entry => _root.Read(entry.Path) is { } now && !now.AsSpan().SequenceEqual(entry.Written))
            .Select(entry => $"{entry.Path} was edited since: the edits stay, what Pier wrote goes.");
        var shared = entries.Where(entry => entry.Engines.Count > 1)
            .Select(entry => $"{entry.Path} stays: {string.Join(", ", entry.Engines.Where(other => other != engine))} is told of Pier by the same file.");
        var kept = edits.Select(edit => configuration.RemarkOnRemoval(edit.Path, edit.After)).OfType<string>();
        return new InstallPlan(engine, edits, [.. remarks, .. shared, .. kept], ReloadFor(configuration, edits));
    }

    /// <summary>Stops a user from believing that there is nothing to take back where root told an engine.</summary>
    /// <exception cref="EngineException">There is a ledger of root's, which this user does not use.</exception>
    public void RefuseRoots(string engine)
    {
        if (!_privileged && File.Exists(_root.Place(RootLedger)))
        {
            throw new EngineException($"This user told {engine} nothing; root did tell engines of Pier ({RootLedger}).", $"Run it as root: sudo pier uninstall {engine}");
        }
    }

    /// <summary>Carries out a plan of <see cref="PlanInstall"/>.</summary>
    public void Install(InstallPlan plan)
    {
        foreach (var edit in plan.Edits)
        {
            if (edit is not { Trace: { } trace, After: { } made })
            {
                Restore(edit);
                continue;
            }
            var known = _ledger.Find(edit.Path);
            var entry = new LedgerEntry(edit.Path, known?.Engine ?? plan.Engine, Without(edit.Path), made, known?.Folders ?? [], trace, known?.Sharers)
            {
                Mode = known is null && edit.IsSecret ? _root.ModeOf(edit.Path) : known?.Mode,
            };
            // Remembered before it is done: a crash in between leaves a file that uninstalling finds unchanged.
            _ledger.Put(entry);
            var folders = _root.Write(edit.Path, made, edit.IsSecret ? FileModes.Secret : FileModes.Readable);
            if (folders.Count > 0)
            {
                _ledger.Put(entry with { Folders = [.. entry.Folders, .. folders] });
            }
        }
        foreach (var entry in plan.Files.Select(_ledger.Find).OfType<LedgerEntry>().Where(entry => !entry.Engines.Contains(plan.Engine, StringComparer.Ordinal)).ToArray())
        {
            _ledger.Put(entry with { Sharers = [.. entry.Sharers ?? [], plan.Engine] });
        }
    }

    /// <summary>Carries out a plan of <see cref="PlanUninstall"/>.</summary>
    public void Uninstall(InstallPlan plan)
    {
        foreach (var edit in plan.Edits)
        {
            Restore(edit);
        }
        foreach (var entry in _ledger.All.Where(entry => entry.Engines.Contains(plan.Engine, StringComparer.Ordinal)))
        {
            if (entry.Without(plan.Engine) is { } others)
            {
                _ledger.Put(others);
            }
            else
            {
                _ledger.Remove(entry.Path);
            }
        }
    }

    /// <summary>Remembers the image that was loaded into the Docker Engine; null when it has been taken back.</summary>
    public void Remember(LoadedImage? frontend)
    {
        if (frontend != Frontend)
        {
            _ledger.Put(frontend);
        }
    }

    private void Restore(FileEdit edit)
    {
        var known = _ledger.Find(edit.Path);
        var folders = known?.Folders ?? [];
        if (edit.After is { } bytes)
        {
            _root.WriteExactly(edit.Path, bytes, known?.Mode ?? _root.ModeOf(edit.Path) ?? FileModes.Readable);
        }
        else
        {
            _root.Delete(edit.Path, folders);
        }
        _ledger.Remove(edit.Path);
    }

    /// <summary>A file as it would be had Pier never been told of.</summary>
    private byte[]? Without(string path)
    {
        var now = _root.Read(path);
        if (now is null || _ledger.Find(path) is not { } entry || (entry.Before is { } before && now.AsSpan().SequenceEqual(before)))
        {
            return now;
        }
        if (now.AsSpan().SequenceEqual(entry.Written))
        {
            return entry.Before;
        }
        return Find(entry.Engine).TakeOut(path, now, entry.Trace);
    }

    private static EngineReload ReloadFor(IMirrorConfiguration configuration, IEnumerable<FileEdit> edits) =>
        edits.Select(edit => configuration.ReloadFor(edit.Path)).FirstOrDefault(reload => reload != EngineReload.None) ?? EngineReload.None;

    private static IMirrorConfiguration Find(string engine) => Configurations.FirstOrDefault(configuration => configuration.Engine == engine)
        ?? throw new EngineException($"'{engine}' is no engine that pier knows.", $"Known: {string.Join(", ", Engines)}.");
}

using System.CommandLine;
using Pier.Cli.Output;
using Pier.Cli.Sessions;
using Pier.Engines;
using Pier.Engines.Files;
using Pier.Engines.Images;
using Pier.Engines.Install;
using Pier.Engines.Mirrors;
using Pier.Engines.Probes;

namespace Pier.Cli.Commands;

/// <summary><c>pier install</c> and <c>pier uninstall</c>: tell engines of Pier, and take it back.</summary>
internal static class InstallCommand
{
    private const string Docker = "docker";
    private const string Rootless = "docker-rootless";
    private const string All = "all";
    private const int MaxSecret = 4096;

    /// <summary>Builds <c>pier install</c>.</summary>
    public static Command CreateInstall()
    {
        var engine = Engine(Installer.Engines.Where(name => name != Rootless));
        var registry = new Option<string[]>("--registry") { HelpName = "HOST", Description = "Only images of this registry, for example ghcr.io; may be repeated (default: every registry)" };
        var address = new Option<string>("--address") { HelpName = "URL", Description = "Where the engine reaches pierd (default http://127.0.0.1:5055)" };
        var token = new Option<string>("--token-file") { HelpName = "FILE", Description = "File with user:password, where pierd asks for users" };
        var authority = new Option<string>("--ca") { HelpName = "FILE", Description = "Certificate of the authority behind an https address" };
        var rootless = new Option<bool>("--rootless") { Description = "The Docker Engine that this user runs without root" };
        var frontend = new Option<string>("--frontend") { HelpName = "FILE", Description = "Program of the image pier/frontend, which is loaded into the Docker Engine with the pierdat beside it (default: pier-frontend beside pier)" };
        var noFrontend = new Option<bool>("--no-frontend") { Description = "Do not load the image pier/frontend into the Docker Engine" };
        var socket = new Option<string>("--docker-socket") { HelpName = "PATH", Description = "Socket of the Docker Engine (default of $DOCKER_HOST, else /var/run/docker.sock)" };
        var root = Root();
        var dry = Dry();
        return new PierCommand("install", "Tell a container engine to pull through Pier",
            ("sudo pier install docker", "Write daemon.json and certs.d, and make dockerd read them; containers go on"),
            ("pier install containerd --dry-run", "Show what would change"),
            ("pier install podman --registry ghcr.io --registry docker.io", "Only these registries"),
            ("pier install kind --address http://172.18.0.1:5055 --token-file secret", "An engine to which 127.0.0.1 is not this host"))
        { engine, registry, address, token, authority, rootless, frontend, noFrontend, socket, root, dry }
        .Does(async (session, parsed, cancellationToken) =>
        {
            var name = parsed.GetValue(rootless) && parsed.GetValue(engine) == Docker ? Rootless : parsed.GetValue(engine)!;
            var host = Host(parsed.GetValue(root));
            var asked = name != Docker ? null : parsed.GetValue(socket) ?? (host.IsThisHost ? DockerProbe.Socket : null);
            var docker = asked is null ? null : await DockerProbe.AskAsync(asked, session.Clock, cancellationToken);
            var request = new MirrorRequest(
                new MirrorAddress(
                    parsed.GetValue(address) is { } url ? MirrorAddress.Parse(url) : MirrorAddress.Default.Url,
                    parsed.GetValue(token) is { } file ? Secret(file) : null,
                    parsed.GetValue(authority) is { } certificate ? await File.ReadAllTextAsync(certificate, cancellationToken) : null),
                parsed.GetValue(registry) ?? [],
                docker?.Major);
            var installer = new Installer(host, Environment.IsPrivilegedProcess);
            var plan = installer.PlanInstall(name, request);
            Carry(session, host, plan, parsed.GetValue(dry), installer.Install, $"{name} pulls through {request.Address.Text}.");
            if (docker is not null && (parsed.GetValue(frontend) ?? FrontendImage.Program) is { } program && !parsed.GetValue(noFrontend) && !parsed.GetValue(dry))
            {
                var engineSocket = Path.GetFullPath(asked!);
                var former = installer.Frontend is { } loaded && loaded.Socket == engineSocket ? loaded : new LoadedImage(engineSocket, "");
                var (image, serves) = await FrontendImage.LoadAsync(
                    engineSocket,
                    program,
                    coming => installer.Remember(former with { Coming = [.. coming, .. former.Coming ?? []] }),
                    session.Clock,
                    cancellationToken);
                installer.Remember(new LoadedImage(engineSocket, image));
                if (!session.Json)
                {
                    session.Error.WriteLine($"The image {FrontendImage.Name} is in the engine: Dockerfiles may begin with # syntax={FrontendImage.Name}."
                        + (serves ? "" : " PIER --serve will not work: pierdat did not lie beside the frontend's program."));
                }
            }
        });
    }

    /// <summary>Builds <c>pier uninstall</c>.</summary>
    public static Command CreateUninstall()
    {
        var engine = Engine([.. Installer.Engines, All]);
        var root = Root();
        var dry = Dry();
        return new PierCommand("uninstall", "Take Pier out of a container engine's configuration; edits made since stay",
            ("sudo pier uninstall docker", "Every file as it was before 'pier install docker'"),
            ("sudo pier uninstall all", "Every engine that was told of Pier"))
        { engine, root, dry }
        .Does(async (session, parsed, cancellationToken) =>
        {
            var host = Host(parsed.GetValue(root));
            var installer = new Installer(host, Environment.IsPrivilegedProcess);
            var named = parsed.GetValue(engine)!;
            string[] engines = named == All ? [.. installer.Installed]
                : named == Docker && !installer.Installed.Contains(Docker) && installer.Installed.Contains(Rootless) ? [Rootless]
                : [named];
            if (engines.Length == 0)
            {
                installer.RefuseRoots(All);
            }
            foreach (var name in engines)
            {
                Carry(session, host, installer.PlanUninstall(name), parsed.GetValue(dry), installer.Uninstall, $"{name} no longer pulls through Pier.");
            }
            if (engines.Contains(Docker) && installer.Frontend is { } loaded && !parsed.GetValue(dry))
            {
                // An engine without a socket is gone, with its images: else this would fail for ever.
                var isGone = !Path.Exists(loaded.Socket);
                var isRemoved = !isGone && await FrontendImage.RemoveAsync(loaded, session.Clock, cancellationToken);
                installer.Remember(null);
                if (!session.Json)
                {
                    session.Error.WriteLine(isGone ? $"The engine at {loaded.Socket} is gone: its image {FrontendImage.Name} is forgotten. Should the engine come back: docker rmi {FrontendImage.Name}"
                        : isRemoved ? $"The image {FrontendImage.Name} is no longer in the engine."
                        : $"The image {FrontendImage.Name} in the engine, if there is one, is not the one that Pier loaded: it stays.");
                }
            }
        });
    }

    private static void Carry(Session session, HostRoot host, InstallPlan plan, bool dry, Action<InstallPlan> apply, string done)
    {
        if (!session.Json)
        {
            session.Output.Write(plan.Diff);
        }
        var reloaded = false;
        if (!dry)
        {
            apply(plan);
            reloaded = !plan.IsEmpty && Reloader.TryReload(host, plan.Reload);
        }
        var todo = plan.IsEmpty || reloaded ? null : plan.Reload.Command;
        var report = new InstallReport(
            plan.Engine, [.. plan.Edits.Select(edit => new InstalledFile(edit.Path, edit.Before is null ? "made" : edit.After is null ? "removed" : "changed", edit.Diff))],
            plan.Remarks, dry, reloaded, todo);
        session.Write(report, CliJson.Default.InstallReport, _ => { });
        if (session.Json)
        {
            return;
        }
        foreach (var remark in plan.Remarks)
        {
            session.Error.WriteLine(remark);
        }
        session.Error.WriteLine(plan.IsEmpty ? $"{plan.Engine}: nothing to change."
            : dry ? $"{plan.Engine}: nothing was written (--dry-run)."
            : todo is not null ? $"Written. To take it up: {todo}  ({plan.Reload.Effect})"
            : $"{done} ({plan.Reload.Effect})");
    }

    private static Argument<string> Engine(IEnumerable<string> names)
    {
        var engine = new Argument<string>("engine") { Description = "The engine" };
        engine.AcceptOnlyFromAmong([.. names]);
        return engine;
    }

    private static Option<string> Root() => new("--root") { HelpName = "DIR", Description = "Work on the files below this folder, for example of an image that is being made (default /)" };

    private static Option<bool> Dry() => new("--dry-run") { Description = "Show what would change, and write nothing" };

    private static HostRoot Host(string? root) =>
        new(Path.GetFullPath(root ?? "/"), Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    private static string Secret(string file)
    {
        if (new FileInfo(file).Length > MaxSecret)
        {
            throw new EngineException($"{file} is too large for a user and a password.");
        }
        var secret = File.ReadAllText(file).Trim();
        return secret.Contains(':', StringComparison.Ordinal) && !secret.Contains('\n', StringComparison.Ordinal)
            ? secret
            : throw new EngineException($"{file} does not hold user:password in one line.");
    }
}

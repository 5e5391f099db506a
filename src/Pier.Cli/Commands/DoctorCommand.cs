using System.CommandLine;
using Pier.Api;
using Pier.Api.Errors;
using Pier.Api.Nodes;
using Pier.Cli.Output;
using Pier.Cli.Sessions;
using Pier.Content.References;
using Pier.Engines.Diagnosis;
using Pier.Engines.Files;
using Pier.Engines.Mirrors;
using Pier.Engines.Probes;

namespace Pier.Cli.Commands;

/// <summary><c>pier doctor</c>: why a pull does not go through Pier, and how to mend it.</summary>
internal static class DoctorCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var image = new Argument<string?>("image") { Description = "An image whose pull does not go through Pier", Arity = ArgumentArity.ZeroOrOne };
        var address = new Option<string>("--address") { HelpName = "URL", Description = "Where engines were told that pierd is (default http://127.0.0.1:5055)" };
        var root = new Option<string>("--root") { HelpName = "DIR", Description = "Look at the engines' files below this folder (default /)" };
        var docker = new Option<string>("--docker-socket") { HelpName = "PATH", Description = "Socket of the Docker Engine (default of $DOCKER_HOST, else /var/run/docker.sock)" };
        return new PierCommand("doctor", "Find out why a pull does not go through Pier, and how to mend it",
            ("pier doctor", "The daemon, its door, every engine on this host, disk, clock, members, upstreams; exit code 1 when something fails"),
            ("pier doctor ghcr.io/owner/app:1.2", "And ask for this image as an engine would"))
        { image, address, root, docker }
        .Does(async (session, parsed, cancellationToken) =>
        {
            var pier = new MirrorAddress(parsed.GetValue(address) is { } url ? MirrorAddress.Parse(url) : MirrorAddress.Default.Url);
            var host = new HostRoot(Path.GetFullPath(parsed.GetValue(root) ?? "/"), Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));
            var (daemon, own) = await DaemonAsync(session, cancellationToken);
            var socket = parsed.GetValue(docker) ?? (host.IsThisHost ? DockerProbe.Socket : null);
            var engine = socket is null ? null : await DockerProbe.AskAsync(socket, session.Clock, cancellationToken);
            List<CheckResult> checks = [daemon, await DoorCheck.RunAsync(pier, own is not null, session.Clock, cancellationToken)];
            checks.AddRange(new EngineChecks(host, pier, engine).Run());
            if (parsed.GetValue(image) is { } name)
            {
                var reference = Reference(name);
                checks.Add(await DoorCheck.AskForAsync(pier, reference.Repository.Registry, reference.Repository.Path, reference.Target, session.Clock, cancellationToken));
            }
            checks.AddRange(own ?? []);
            session.Write(new CheckList(checks), ApiJson.Default.CheckList, writer => Render(checks, writer));
            if (checks.Count(check => check.State == CheckState.Failed) is > 0 and var failed)
            {
                throw new QuietFailure($"{failed} of {checks.Count} checks failed.");
            }
        });
    }

    /// <summary>The page.</summary>
    internal static void Render(IReadOnlyList<CheckResult> checks, TextWriter writer)
    {
        var width = checks.Max(check => check.Name.Length);
        foreach (var check in checks)
        {
            writer.WriteLine($"{Mark(check.State)}  {check.Name.PadRight(width)}  {PlainText.Of(check.Finding)}");
            if (check.Remedy is { } remedy)
            {
                writer.WriteLine($"{new string(' ', 6 + width + 2)}→ {PlainText.Of(remedy)}");
            }
        }
    }

    private static async Task<(CheckResult Daemon, IReadOnlyList<CheckResult>? Own)> DaemonAsync(Session session, CancellationToken cancellationToken)
    {
        try
        {
            var version = await session.Daemon.GetAsync(ApiPaths.Version, ApiJson.Default.VersionAnswer, cancellationToken);
            var own = await session.Daemon.GetAsync(ApiPaths.Checks, ApiJson.Default.CheckList, cancellationToken);
            return (CheckResult.Ok("daemon", $"pierd {version.Version} answers"), own.Checks);
        }
        catch (DaemonUnreachableException silent)
        {
            return (CheckResult.Failed("daemon", silent.Message, silent.Hint), null);
        }
        catch (ApiException refused)
        {
            return (CheckResult.Failed("daemon", refused.Error.Message, refused.Error.Hint ?? "Is pierd of another version than pier? See 'pier version'."), null);
        }
    }

    private static ImageReference Reference(string name) => ImageReference.TryParse(name, out var reference)
        ? reference.WithDefaultTag()
        : throw new CommandException(ExitCode.Usage, $"'{name}' is no image.", "Write it as for 'docker pull', for example debian:12 or ghcr.io/owner/app:1.2.");

    private static string Mark(CheckState state) => state switch
    {
        CheckState.Ok => "ok  ",
        CheckState.Warning => "warn",
        _ => "FAIL",
    };
}

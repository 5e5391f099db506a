using System.CommandLine;
using System.Reflection;
using Pier.Api;
using Pier.Api.Errors;
using Pier.Api.Nodes;
using Pier.Cli.Output;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary><c>pier version</c>: this program's and the daemon's.</summary>
internal static class VersionCommand
{
    /// <summary>This program's version.</summary>
    public static string Own { get; } =
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Builds the command.</summary>
    public static Command Create() =>
        new PierCommand("version", "Show the version of pier and of the daemon", ("pier version", "Both; works without a daemon too"))
        .Does(async (session, _, cancellationToken) =>
        {
            VersionAnswer? daemon = null;
            try
            {
                daemon = await session.Daemon.GetAsync(ApiPaths.Version, ApiJson.Default.VersionAnswer, cancellationToken);
            }
            catch (DaemonUnreachableException unreachable)
            {
                session.Error.WriteLine($"pier: {unreachable.Message}");
            }
            session.Write(new Versions(Own, daemon?.Version, daemon?.Api), CliJson.Default.Versions, writer =>
            {
                writer.WriteLine($"pier   {Own}");
                if (daemon is not null)
                {
                    writer.WriteLine($"pierd  {daemon.Version}  (API {daemon.Api}, {daemon.Runtime})");
                }
            });
        });
}

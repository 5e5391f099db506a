using System.CommandLine;
using Pier.Cli.Sessions;

namespace Pier.Cli.Commands;

/// <summary>
/// <c>docker pier …</c>: installed as <c>docker-pier</c> in a cli-plugins folder, the program answers Docker's question
/// for metadata and drops the name that Docker puts before the arguments (docs.docker.com, "CLI plugins").
/// </summary>
internal static class DockerPlugin
{
    private const string Name = "docker-pier";

    /// <summary>The arguments without the plugin's own name.</summary>
    public static string[] StripName(string program, string[] words) =>
        Path.GetFileNameWithoutExtension(program) == Name && words is ["pier", .. var rest] ? rest : words;

    /// <summary>Builds the hidden command that Docker calls.</summary>
    public static Command CreateMetadata()
    {
        var command = new PierCommand("docker-cli-plugin-metadata", "What Docker's CLI asks of a plugin").Does((session, _, _) =>
        {
            session.Output.WriteLine(
                $$"""{"SchemaVersion":"0.1.0","Vendor":"Pier","Version":"{{VersionCommand.Own}}","ShortDescription":"Container images and data from peer to peer"}""");
            return Task.CompletedTask;
        });
        command.Hidden = true;
        return command;
    }
}

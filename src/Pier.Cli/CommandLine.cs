using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Text.Json;
using Pier.Api;
using Pier.Api.Errors;
using Pier.Cli.Commands;
using Pier.Cli.Sessions;

namespace Pier.Cli;

/// <summary>The whole command line: parses, runs, and turns a wrong one into exit code 2.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command and returns the exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> words, InvocationConfiguration configuration)
    {
        var parsed = Root().Parse(words);
        if (parsed.Action is not ParseErrorAction wrong)
        {
            return await parsed.InvokeAsync(configuration);
        }
        var hint = $"{string.Join(' ', PathOf(parsed.CommandResult))} --help shows how";
        if (words.Contains(PierCommand.Json.Name))
        {
            var told = new ApiError(ApiErrorCodes.BadRequest, string.Join(' ', parsed.Errors.Select(error => error.Message)), hint);
            configuration.Output.WriteLine(JsonSerializer.Serialize(told, ApiJson.Default.ApiError));
            return ExitCode.Usage;
        }
        wrong.ShowHelp = false;
        await parsed.InvokeAsync(configuration);
        configuration.Error.WriteLine($"  → {hint}");
        return ExitCode.Usage;
    }

    /// <summary>The command's words, as they are typed.</summary>
    private static IEnumerable<string> PathOf(CommandResult command) =>
        command.Parent is CommandResult above ? PathOf(above).Append(command.Command.Name) : ["pier"];

    private static RootCommand Root()
    {
        var root = new RootCommand("Container images and data from peer to peer: steers the daemon pierd on this host")
        {
            StatusCommand.Create(),
            PullCommand.Create(),
            GetCommand.Create(),
            MountCommands.CreateMount(),
            MountCommands.CreateUnmount(),
            VolumeCommand.Create(),
            SeedCommand.Create(),
            TorrentCommand.Create(),
            ImagesCommand.Create(),
            BlobsCommand.Create(),
            CacheCommand.Create(),
            RemoveCommand.Create(),
            PinCommands.CreatePin(),
            PinCommands.CreateUnpin(),
            ExportCommand.Create(),
            ImportCommand.Create(),
            ClusterCommand.Create(),
            SwarmCommand.Create(),
            LimitsCommand.Create(),
            TrackerCommand.Create(),
            TopCommand.Create(),
            DoctorCommand.Create(),
            InstallCommand.CreateInstall(),
            InstallCommand.CreateUninstall(),
            TagCommand.Create(),
            UserCommand.Create(),
            VersionCommand.Create(),
            DockerPlugin.CreateMetadata(),
        };
        root.Options.Add(PierCommand.Json);
        root.Options.Add(PierCommand.Socket);
        if (root.Options.OfType<HelpOption>().FirstOrDefault() is { } help)
        {
            root.Options.Remove(help);
        }
        root.Options.Add(PierCommand.HelpWith(
        [
            ("pier status", "How the node is doing"),
            ("pier pull debian:12", "An image into the store, from peers where they have it"),
            ("pier seed data.bin", "A file to any BitTorrent client"),
        ]));
        return root;
    }
}

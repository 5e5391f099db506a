using System.CommandLine;
using Pier.Cli.Output;
using Pier.Cli.Sessions;
using Pier.Content.Passwords;
using Spectre.Console;

namespace Pier.Cli.Commands;

/// <summary><c>pier user</c>: the users of the registry, in the file that the daemon's key <c>users</c> names.</summary>
internal static class UserCommand
{
    private static readonly Option<string> File = new("--file")
    {
        HelpName = "PATH", Description = "The file of users", DefaultValueFactory = _ => "/etc/pier/users",
    };

    private static readonly Argument<string> Name = new("NAME") { Description = "Letters, digits and -_.@+" };

    /// <summary>Builds the command with its three.</summary>
    public static Command Create() =>
        new PierCommand("user", "Add, list and remove users of the registry; takes effect when pierd starts",
            ("pier user add alice", "Asks for a password"), ("pier user ls", "Who is there"))
        { Add(), List(), Remove() };

    private static PierCommand Add()
    {
        var password = new Option<string>("--password-file") { HelpName = "PATH", Description = "Take the password from a file's first line; - is standard input" };
        return new PierCommand("add", "Add a user, or give one a new password",
            ("pier user add alice", "Asks for a password"), ("pier user add ci --password-file -", "For scripts"))
        { Name, File, password }
        .Does(async (session, parsed, cancellationToken) =>
        {
            var name = parsed.GetRequiredValue(Name);
            if (!UserLine.IsName(name))
            {
                throw new CommandException(ExitCode.Usage, $"'{name}' is no user name.", "Write letters, digits and -_.@+, at most 128.");
            }
            var secret = await ReadAsync(parsed.GetValue(password), cancellationToken);
            if (secret.Length < UserLine.MinPassword)
            {
                throw new CommandException(ExitCode.Usage, $"A password has at least {UserLine.MinPassword} characters.");
            }
            var file = new UserFile(parsed.GetRequiredValue(File));
            var isNew = file.Put(new UserLine(name, PasswordHash.Create(secret)));
            session.Write(new UserNames([name]), CliJson.Default.UserNames, writer => writer.WriteLine($"{(isNew ? "added" : "changed")} {name} in {file.Path}; restart pierd"));
        });
    }

    private static PierCommand List() =>
        new PierCommand("ls", "List the users", ("pier user ls", "Who is there")) { File }
        .Does((session, parsed, _) =>
        {
            var names = new UserNames(new UserFile(parsed.GetRequiredValue(File)).Names);
            session.Write(names, CliJson.Default.UserNames, writer =>
            {
                foreach (var name in names.Users)
                {
                    writer.WriteLine(PlainText.Of(name));
                }
            });
            return Task.CompletedTask;
        });

    private static PierCommand Remove() =>
        new PierCommand("rm", "Remove a user", ("pier user rm alice", "alice may log in no more")) { Name, File }
        .Does((session, parsed, _) =>
        {
            var (name, file) = (parsed.GetRequiredValue(Name), new UserFile(parsed.GetRequiredValue(File)));
            if (!file.Remove(name))
            {
                throw new CommandException(ExitCode.NotFound, $"{file.Path} has no user {name}.", "'pier user ls' shows who is there.");
            }
            session.Write(new UserNames([name]), CliJson.Default.UserNames, writer => writer.WriteLine($"removed {name} from {file.Path}; restart pierd"));
            return Task.CompletedTask;
        });

    private static async Task<string> ReadAsync(string? path, CancellationToken cancellationToken)
    {
        if (path is null)
        {
            return Console.IsInputRedirected
                ? throw new CommandException(ExitCode.Usage, "There is no terminal to ask for the password at.", "Give it in a file: --password-file PATH, or - for standard input.")
                : await new TextPrompt<string>("Password:").Secret().ShowAsync(AnsiConsole.Console, cancellationToken);
        }
        using var reader = path == "-" ? Console.In : new StreamReader(path);
        return await reader.ReadLineAsync(cancellationToken) ?? "";
    }
}

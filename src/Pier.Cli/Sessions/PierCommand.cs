using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Pier.Api;

namespace Pier.Cli.Sessions;

/// <summary>A command of <c>pier</c>: runs in a session, maps failures to exit codes, and shows examples in its help.</summary>
internal sealed class PierCommand : Command
{
    /// <summary>Taken by every command.</summary>
    public static readonly Option<bool> Json = new("--json") { Description = "Answer in JSON, for programs", Recursive = true };

    /// <summary>Taken by every command.</summary>
    public static readonly Option<string> Socket = new("--socket")
    {
        HelpName = "PATH",
        Description = $"The daemon's socket (default $PIER_SOCKET, else {DefaultPaths.SystemSocket})",
        Recursive = true,
    };

    /// <summary>A command with examples, each a full command line and what it does.</summary>
    public PierCommand(string name, string description, params ReadOnlySpan<(string Line, string Does)> examples)
        : base(name, description) =>
        Options.Add(HelpWith(examples));

    /// <summary>What it does; a return is success.</summary>
    public PierCommand Does(Func<Session, ParseResult, CancellationToken, Task> work)
    {
        SetAction((parsed, cancellationToken) => RunAsync(work, parsed, cancellationToken));
        return this;
    }

    /// <summary>A help option that ends with examples.</summary>
    public static HelpOption HelpWith(ReadOnlySpan<(string Line, string Does)> examples)
    {
        var help = new HelpOption();
        help.Action = new ExamplesHelp((HelpAction)help.Action!, examples.ToArray());
        return help;
    }

    private static async Task<int> RunAsync(
        Func<Session, ParseResult, CancellationToken, Task> work, ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = parsed.InvocationConfiguration.Output;
        var error = parsed.InvocationConfiguration.Error;
        var json = parsed.GetValue(Json);
        var terminal = error == Console.Error && !Console.IsErrorRedirected;
        using var session = new Session(parsed.GetValue(Socket) ?? DefaultPaths.SocketForClient, json, output, error, TimeProvider.System, terminal);
        try
        {
            await work(session, parsed, cancellationToken);
            return ExitCode.Done;
        }
        catch (QuietFailure)
        {
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception failure) when (Failures.TryTell(failure, json, output, error, out var exitCode))
        {
            return exitCode;
        }
    }

    private sealed class ExamplesHelp(HelpAction inner, (string Line, string Does)[] examples) : SynchronousCommandLineAction
    {
        public override bool Terminating => true;

        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            inner.Invoke(parseResult);
            var output = parseResult.InvocationConfiguration.Output;
            if (examples.Length > 0)
            {
                output.WriteLine("Examples:");
                foreach (var (line, does) in examples)
                {
                    output.WriteLine($"  {line}");
                    output.WriteLine($"      {does}");
                }
            }
            return ExitCode.Done;
        }
    }
}

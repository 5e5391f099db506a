using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Microsoft.Extensions.Hosting;
using Pier.Daemon.Options;

namespace Pier.Daemon.Hosting;

/// <summary>The daemon's command line.</summary>
internal static class DaemonCommand
{
    private const string Examples = """
        Examples:
          pierd
              A complete node on this host; nothing listens beyond loopback
          pierd --state ~/pier --registry 127.0.0.1:6055 --peers 127.0.0.1:6056 --control 127.0.0.1:6057 --socket ~/pier/pier.sock
              A second node beside the first
          pierd --join 192.168.1.10 --token-file /etc/pier/join.token --advertise 192.168.1.11
              Join the cluster of 192.168.1.10 ('pier cluster init' there prints the token)
          pierd --config /etc/pier/pierd.json
              With a configuration file (docs/configuration.md)
        """;

    /// <summary>Parses, runs until stopped, and returns the exit code.</summary>
    public static async Task<int> RunAsync(string[] words)
    {
        var flags = new DaemonFlags();
        var root = new RootCommand("pierd: the node of this host. Registry mirror, BitTorrent peer, member of a cluster.");
        flags.AddTo(root);
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        root.SetAction((parsed, cancellationToken) => RunAsync(() => flags.Read(parsed), Console.Error, cancellationToken));

        var result = root.Parse(words);
        if (result.Action is ParseErrorAction wrong)
        {
            wrong.ShowHelp = false;
            await result.InvokeAsync(new InvocationConfiguration());
            await Console.Error.WriteLineAsync("  → pierd --help shows the flags");
            return ExitCode.Configuration;
        }
        // The host handles the signals itself: it has transfers to end and state to write.
        return await result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    /// <summary>Runs with these options; every reason not to start is told in two lines on <paramref name="error"/>.</summary>
    internal static async Task<int> RunAsync(Func<DaemonOptions> options, TextWriter error, CancellationToken cancellationToken)
    {
        try
        {
            await using var daemon = DaemonHost.Create(options(), TimeProvider.System);
            await daemon.RunAsync(cancellationToken);
            return ExitCode.Stopped;
        }
        catch (ConfigurationException wrong)
        {
            await error.WriteLineAsync($"pierd: {wrong.Message}");
            return ExitCode.Configuration;
        }
        catch (DaemonStartException refused)
        {
            await error.WriteLineAsync($"pierd: {refused.Message}\n  → {refused.Hint}");
            return refused.ExitCode;
        }
    }

    private sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool Terminating => true;

        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            inner.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output.WriteLine(Examples);
            return ExitCode.Stopped;
        }
    }
}

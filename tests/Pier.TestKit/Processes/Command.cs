using System.Diagnostics;

namespace Pier.TestKit.Processes;

/// <summary>What a finished command left: its exit code and what it wrote.</summary>
public sealed record CommandResult(string CommandLine, int ExitCode, string Output, string Error)
{
    /// <summary>Returns this result, or throws with what the command wrote to its error stream.</summary>
    /// <exception cref="CommandFailedException">The exit code is not 0.</exception>
    public CommandResult OrThrow() => ExitCode == 0 ? this : throw new CommandFailedException(this);
}

/// <summary>A command ended with another exit code than 0.</summary>
public sealed class CommandFailedException(CommandResult result)
    : Exception($"{result.CommandLine} ended with {result.ExitCode}: {(result.Error.Length > 0 ? result.Error : result.Output).Trim()}")
{
    /// <summary>What the command left.</summary>
    public CommandResult Result { get; } = result;
}

/// <summary>Runs a short command to its end; cancelling kills it with all its children.</summary>
public static class Command
{
    /// <summary>Runs a program found on PATH and returns what it left, whatever its exit code.</summary>
    public static Task<CommandResult> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken) =>
        RunAsync(program, arguments, new Dictionary<string, string>(StringComparer.Ordinal), cancellationToken);

    /// <summary>Runs a program with extra environment variables.</summary>
    public static Task<CommandResult> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken) =>
        RunAsync(program, arguments, environment, ReadOnlyMemory<byte>.Empty, cancellationToken);

    /// <summary>Runs a program that reads what it is given from its standard input.</summary>
    public static async Task<CommandResult> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await FeedAsync(process, input, cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new CommandResult($"{program} {string.Join(' ', start.ArgumentList)}", process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static async Task FeedAsync(Process process, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        try
        {
            if (!input.IsEmpty)
            {
                await process.StandardInput.BaseStream.WriteAsync(input, cancellationToken);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read all: its exit code and words say why.
        }
    }
}

using System.ComponentModel;
using System.Diagnostics;
using Pier.Dat.Exec;

namespace Pier.Dat.Serving;

/// <summary>A line that names a program: it runs as a child, with our output.</summary>
internal static class ProgramService
{
    // All of it has ended ten seconds after we were told to.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(8);

    /// <summary>Runs it to its end; asked to end, and then killed, when it is to stop.</summary>
    /// <returns>How it ended.</returns>
    public static async Task<string> RunAsync(ServeLine line, TimeProvider time, CancellationToken cancellationToken)
    {
        var plan = new ProcessStartInfo(line.Words[0], line.Words.Skip(1)) { UseShellExecute = false };
        try
        {
            using var process = Process.Start(plan) ?? throw new DatException("it did not start");
            try
            {
                await process.WaitForExitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                await EndAsync(process, time);
                throw;
            }

            return $"ended with {process.ExitCode}";
        }
        catch (Win32Exception refused)
        {
            throw new DatException(refused.Message, refused);
        }
    }

    private static async Task EndAsync(Process process, TimeProvider time)
    {
        if (Posix.Kill(process.Id, Posix.SigTerm) != 0)
        {
            return;
        }

        using var patience = new CancellationTokenSource(Grace, time);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }
    }
}

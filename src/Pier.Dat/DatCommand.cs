using System.Runtime.InteropServices;
using Pier.Dat.Exec;
using Pier.Dat.Getting;
using Pier.Dat.Serving;

namespace Pier.Dat;

/// <summary>The program: one command, from its arguments to its exit code.</summary>
internal static class DatCommand
{
    private const int Failed = 1;

    /// <summary>Runs it. Called on the first thread, which <c>exec</c> goes on as.</summary>
    public static int Run(string[] arguments)
    {
        try
        {
            switch (DatArguments.Read(Environment.GetCommandLineArgs()[0], arguments))
            {
                case DatArguments.Help:
                    Console.Out.Write(DatUsage.Text);
                    return 0;
                case DatArguments.Version:
                    Console.Out.WriteLine("pierdat 0.1.0");
                    return 0;
                case DatArguments.ListBackends:
                    Console.Out.WriteLine(string.Concat(GetCommand.Backends.Select(name => " " + name)));
                    return 0;
                case DatArguments.Exec exec:
                    return ExecCommand.Run(exec);
                case DatArguments.Serve serve:
                    return Wait(cancel => new ServeCommand(Settings(), TimeProvider.System).RunAsync(serve, cancel));
                case DatArguments.Get get:
                    return Wait(cancel => new GetCommand(Settings(), TimeProvider.System).RunAsync(get, cancel));
                default:
                    throw new InvalidOperationException("an argument has no command");
            }
        }
        catch (DatException failure)
        {
            Console.Error.WriteLine($"Error: {failure.Message}");
            if (failure.ShowsUsage)
            {
                Console.Error.Write(DatUsage.Text);
            }

            return Failed;
        }
    }

    private static DatSettings Settings() => DatSettings.Read(Environment.GetEnvironmentVariable);

    /// <summary>Runs work that ends when SIGTERM, SIGINT or SIGQUIT comes.</summary>
    private static int Wait(Func<CancellationToken, Task<int>> work)
    {
        using var stopping = new CancellationTokenSource();
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stopping.Cancel();
        }

        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Stop);
        return work(stopping.Token).GetAwaiter().GetResult();
    }
}

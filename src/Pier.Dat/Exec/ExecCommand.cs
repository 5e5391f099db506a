using System.Runtime.InteropServices;
using Pier.Dat.Serving;

namespace Pier.Dat.Exec;

/// <summary>
/// <c>pierdat exec</c>: starts the seeder as a child and then becomes the program, so that this keeps process id, terminal,
/// signals, exit code and user. Nothing about serving may keep the program from starting.
/// </summary>
internal static class ExecCommand
{
    // What engines say when a container's program cannot be run, and when there is none.
    private const int CannotRun = 126;
    private const int NotFound = 127;

    /// <summary>Runs it; returns only when there is no program, or it cannot be run.</summary>
    public static int Run(DatArguments.Exec command)
    {
        if (command.Words.Count == 0)
        {
            return DatCommand.Run(["serve"]);
        }

        var path = ProgramPath.Find(command.Words[0], Environment.GetEnvironmentVariable("PATH"));
        if (path is null)
        {
            Console.Error.WriteLine($"pierdat: {command.Words[0]}: not found in PATH");
            return NotFound;
        }

        if (SettingsOf(Environment.GetEnvironmentVariable, Console.Error) is { } settings)
        {
            StartSeeder(settings);
        }

        return Become(path, command.Words);
    }

    /// <summary>What the environment says; null, and told, when that cannot be used: orchestrators set variables for services that bear our name.</summary>
    internal static DatSettings? SettingsOf(Func<string, string?> variable, TextWriter errors)
    {
        try
        {
            return DatSettings.Read(variable);
        }
        catch (DatException wrong)
        {
            errors.WriteLine($"pierdat: nothing is served: {wrong.Message}");
            return null;
        }
    }

    private static unsafe int Become(string path, IReadOnlyList<string> words)
    {
        Posix.ResetSignal(Posix.SigPipe);
        var error = Posix.Execute(NativeText.Of(path), NativeText.Of(words), NativeText.Environment()) == 0 ? 0 : Marshal.GetLastPInvokeError();
        Console.Error.WriteLine($"pierdat: {path}: {Marshal.GetPInvokeErrorMessage(error)}");
        return error == Posix.NoEntry ? NotFound : CannotRun;
    }

    private static unsafe void StartSeeder(DatSettings settings)
    {
        if (!ServeList.HasAny(settings.ListFile) || Environment.ProcessPath is not { } self)
        {
            return;
        }

        var log = CanAppend(settings.LogFile) ? settings.LogFile : "/dev/null";
        var attributes = NativeMemory.AllocZeroed(Posix.StructureSize);
        var actions = NativeMemory.AllocZeroed(Posix.StructureSize);
        int pid;
        int[] errors =
        [
            Posix.InitAttributes(attributes),
            Posix.SetFlags(attributes, Posix.SetSession),
            Posix.InitActions(actions),
            Posix.AddOpen(actions, 0, "/dev/null", Posix.ReadWrite, 0),
            Posix.AddOpen(actions, 1, log, Posix.AppendOnly, 0),
            Posix.AddOpen(actions, 2, log, Posix.AppendOnly, 0),
            Posix.Spawn(&pid, NativeText.Of(self), actions, attributes, NativeText.Of(["pierdat", "serve", DatArguments.WithParentFlag]), NativeText.Environment()),
        ];
        var error = Array.Find(errors, error => error != 0);
        if (error != 0)
        {
            Console.Error.WriteLine($"pierdat: nothing is served: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    private static bool CanAppend(string path)
    {
        try
        {
            using var file = File.Open(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

using System.Globalization;
using System.Runtime.InteropServices;
using Pier.Engines.Files;

namespace Pier.Engines.Install;

/// <summary>Makes an engine read its files anew, where it can do so while its containers run.</summary>
public static partial class Reloader
{
    private const int HangUp = 1;

    /// <summary>Sends SIGHUP to the engine's process.</summary>
    /// <returns>True when it was sent; false when the engine has no such way, does not run, or may not be signalled.</returns>
    public static bool TryReload(HostRoot root, EngineReload reload)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(reload);
        return reload is { PidFile: { } file, Program: { } program }
            && int.TryParse(root.ReadText(file)?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            && ProgramOf(pid) == program
            && Kill(pid, HangUp) == 0;
    }

    /// <summary>The name of a process; ids are given to others in time, so a stale file must not be believed.</summary>
    private static string? ProgramOf(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/comm").Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}

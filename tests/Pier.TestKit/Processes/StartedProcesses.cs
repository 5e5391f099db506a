namespace Pier.TestKit.Processes;

/// <summary>Processes that programs under test have started by themselves, found by what proc(5) tells of them.</summary>
public static class StartedProcesses
{
    /// <summary>The ids of those that run now.</summary>
    /// <param name="isIt">Whether it is one, by its id and the words of its command line.</param>
    public static IReadOnlyList<int> Find(Func<int, IReadOnlyList<string>, bool> isIt)
    {
        ArgumentNullException.ThrowIfNull(isIt);
        return [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0)
            .Where(pid => pid > 0 && Is(pid, isIt))];
    }

    /// <summary>Kills one; quiet when it is gone.</summary>
    public static void Kill(int process) => Signals.Send(process, UnixSignal.Kill);

    private static bool Is(int pid, Func<int, IReadOnlyList<string>, bool> isIt)
    {
        try
        {
            return isIt(pid, File.ReadAllText($"/proc/{pid}/cmdline").TrimEnd('\0').Split('\0'));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

using System.Globalization;

namespace Pier.Engines.Diagnosis;

/// <summary>When a program of this host was started (proc(5): /proc/stat, /proc/pid/stat).</summary>
internal static class ProcessStart
{
    /// <summary>Fields of /proc/pid/stat after the name, which may have spaces; the start is field 22 of all.</summary>
    private const int StartAfterName = 19;
    private const int TicksPerSecond = 100;

    /// <summary>The earliest start of a program of that name; null when none runs.</summary>
    public static DateTime? Of(string program, string proc = "/proc")
    {
        var boot = File.ReadLines(Path.Combine(proc, "stat")).FirstOrDefault(line => line.StartsWith("btime ", StringComparison.Ordinal));
        if (boot is null || !long.TryParse(boot.AsSpan("btime ".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var booted))
        {
            return null;
        }
        var starts = Directory.EnumerateDirectories(proc)
            .Where(folder => int.TryParse(Path.GetFileName(folder), out _))
            .Select(folder => Ticks(folder, program)).OfType<long>().ToArray();
        return starts.Length == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(booted + (starts.Min() / TicksPerSecond)).UtcDateTime;
    }

    private static long? Ticks(string folder, string program)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            var end = stat.LastIndexOf(')');
            return stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..end] == program
                && stat[(end + 2)..].Split(' ') is { Length: > StartAfterName } fields
                && long.TryParse(fields[StartAfterName], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) ? ticks : null;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

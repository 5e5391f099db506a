using System.Globalization;

namespace Pier.Benchmarks.Harness;

/// <summary>Resident memory of a running process (proc(5), <c>status</c>).</summary>
internal static class ProcessMemory
{
    /// <summary>The most that was ever resident, in bytes.</summary>
    public static long PeakBytes(int processId) => Field(processId, "VmHWM:");

    /// <summary>What is resident now, in bytes.</summary>
    public static long ResidentBytes(int processId) => Field(processId, "VmRSS:");

    private static long Field(int processId, string name)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
    }
}

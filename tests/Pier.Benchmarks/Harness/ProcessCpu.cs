using System.Globalization;

namespace Pier.Benchmarks.Harness;

/// <summary>Processor time of a running process with the children it has waited for (proc(5), <c>stat</c>).</summary>
internal static class ProcessCpu
{
    private const double TicksPerSecond = 100;

    /// <summary>Seconds in user and kernel mode since its start.</summary>
    public static double Seconds(int processId)
    {
        var stat = File.ReadAllText($"/proc/{processId}/stat");
        // The program's name may hold spaces and brackets; fields are counted from the last bracket.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = 0L;
        for (var field = 11; field <= 14; field++)
        {
            ticks += long.Parse(fields[field], CultureInfo.InvariantCulture);
        }

        return ticks / TicksPerSecond;
    }
}

using System.Globalization;

namespace Pier.Benchmarks.Harness;

/// <summary>Processor time of a running process with the children it has waited for (proc(5), <c>stat</c>).</summary>
internal static class ProcessCpu
{
    private const double TicksPerSecond = 100;

    /// <summary>As <see cref="Seconds"/>, with the children that still run.</summary>
    public static double TreeSeconds(int processId) => Seconds(processId) + Children(processId).Sum(TreeSeconds);

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

    private static IEnumerable<int> Children(int processId) =>
        File.ReadAllText($"/proc/{processId}/task/{processId}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(child => int.Parse(child, CultureInfo.InvariantCulture));
}

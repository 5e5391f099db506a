using System.Globalization;

namespace Pier.Engines.Containers;

/// <summary>
/// A container's first process as this host numbers it. An engine may have process ids of its own, and ids are used again: what
/// tells a container's processes for certain is their control group, which bears the container's id (cgroups(7)).
/// </summary>
internal static class ContainerProcess
{
    private const int MaxFile = 64 << 10;

    /// <summary>Finds it; null when no process here is known to be the container's.</summary>
    /// <param name="container">The container.</param>
    /// <param name="processes">Where the system tells of processes, <c>/proc</c>.</param>
    public static int? Find(RunningContainer container, string processes)
    {
        if (IsOf(container.ProcessId, container.Id, processes))
        {
            return container.ProcessId;
        }

        int[] found = [.. Directory.EnumerateDirectories(processes)
            .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && IsOf(id, container.Id, processes))
            .Order()];
        return found.Length == 0 ? null : Array.Find(found, id => IsFirst(id, processes)) is var first and > 0 ? first : found[0];
    }

    /// <summary>True when the process is in the container's control group.</summary>
    public static bool IsOf(int process, string container, string processes) =>
        Read(process, "cgroup", processes).Contains(container, StringComparison.Ordinal);

    /// <summary>True for process 1 of a namespace.</summary>
    private static bool IsFirst(int process, string processes) => Read(process, "status", processes).Split('\n')
        .Any(line => line.StartsWith("NSpid:", StringComparison.Ordinal) && line.EndsWith("\t1", StringComparison.Ordinal));

    private static string Read(int process, string file, string processes)
    {
        try
        {
            using var stream = new FileStream(
                Path.Combine(processes, process.ToString(CultureInfo.InvariantCulture), file), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var buffer = new byte[MaxFile];
            return System.Text.Encoding.UTF8.GetString(buffer, 0, stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

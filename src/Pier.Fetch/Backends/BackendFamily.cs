using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Pier.Fetch.Backends;

/// <summary>
/// The processes that a backend's program began, and those that these began: whoever has become nobody's child is still known by
/// the home in its environment, which no other program has.
/// </summary>
internal static class BackendFamily
{
    private const int MostSweeps = 10;

    /// <summary>Kills all that are left.</summary>
    /// <param name="home">The folder that the program took for its home.</param>
    public static void End(string home)
    {
        // Whoever is being killed may have begun another meanwhile.
        for (var sweep = 0; sweep < MostSweeps && EndOnce(home) > 0; sweep++)
        {
        }
    }

    private static int EndOnce(string home)
    {
        var mark = Encoding.UTF8.GetBytes($"HOME={home}\0");
        var ended = 0;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && HasMark(folder, mark) && TryKill(id))
            {
                ended++;
            }
        }

        return ended;
    }

    private static bool HasMark(string folder, byte[] mark)
    {
        try
        {
            var variables = File.ReadAllBytes(Path.Combine(folder, "environ"));
            var at = variables.AsSpan().IndexOf(mark);
            return at == 0 || (at > 0 && variables[at - 1] == 0);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is another user's.
            return false;
        }
    }

    private static bool TryKill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
            return true;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }
}

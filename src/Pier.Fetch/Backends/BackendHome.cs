using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Pier.Fetch.Backends;

/// <summary>
/// The folder that one run of a backend's program takes for its home. Its name is in the environment of the program and of all
/// that it begins, and of no other, so that these are known also when they have become nobody's children. Disposing ends them and removes the folder.
/// </summary>
/// <param name="path">The folder.</param>
/// <param name="time">The clock.</param>
internal sealed class BackendHome(string path, TimeProvider time) : IAsyncDisposable
{
    /// <summary>The variable that holds its name.</summary>
    public const string Variable = "PIER_BACKEND_RUN";

    private const int MostSweeps = 100;

    private static readonly TimeSpan SweepEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>The folder.</summary>
    public string Folder => path;

    /// <summary>Its name.</summary>
    public string Name => Path.GetFileName(path);

    /// <summary>Kills all programs that are left, and waits a little until they are gone; returns how many they were.</summary>
    public async Task<int> EndAsync()
    {
        var ended = new HashSet<int>();
        // Whoever is being killed may have begun another meanwhile, and writes until it has gone.
        for (var sweep = 0; sweep < MostSweeps && Kill(ended); sweep++)
        {
            await Task.Delay(SweepEvery, time);
        }
        return ended.Count;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // The next start finds it and tries again.
        }
    }

    private bool Kill(HashSet<int> ended)
    {
        var mark = Encoding.UTF8.GetBytes($"{Variable}={Name}\0");
        var isAny = false;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && HasMark(folder, mark) && TryKill(id))
            {
                ended.Add(id);
                isAny = true;
            }
        }
        return isAny;
    }

    /// <summary>False for other users' processes, too: their environment cannot be read.</summary>
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

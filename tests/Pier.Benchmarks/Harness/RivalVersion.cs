using Pier.TestKit.Processes;

namespace Pier.Benchmarks.Harness;

/// <summary>What a rival says that it is.</summary>
internal static class RivalVersion
{
    /// <summary>The first line that a program prints, on either stream; says so when it prints none.</summary>
    public static string Of(string program, params string[] arguments)
    {
        try
        {
            var result = Command.RunAsync(program, arguments, CancellationToken.None).GetAwaiter().GetResult();
            var line = (result.Output + result.Error).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();
            return line ?? $"{program} (says no version)";
        }
        catch (Exception missing) when (missing is System.ComponentModel.Win32Exception or ToolMissingException)
        {
            return $"{program} (not installed)";
        }
    }

    /// <summary>libtorrent behind Python.</summary>
    public static string Libtorrent() => $"libtorrent {Of("/usr/bin/python3", "-c", "import libtorrent; print(libtorrent.__version__)")}";
}

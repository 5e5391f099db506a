namespace Pier.Daemon.Hosting;

/// <summary>The command with which this program was started, for those of its tasks that need a process of their own.</summary>
internal static class OwnProgram
{
    /// <summary>The command without its flags; empty when this process is another program that has the daemon in it, such as a test's.</summary>
    public static IReadOnlyList<string> Command { get; } = (Path.GetFileName(Environment.ProcessPath), Environment.GetCommandLineArgs()[0]) switch
    {
        ("pierd", _) => [Environment.ProcessPath!],
        ("dotnet", var library) when Path.GetFileName(library) == "pierd.dll" => [Environment.ProcessPath!, library],
        _ => [],
    };
}

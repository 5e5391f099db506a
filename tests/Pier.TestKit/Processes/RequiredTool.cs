namespace Pier.TestKit.Processes;

/// <summary>Finds the real programs that tests need; a missing one fails the test with the command that installs it.</summary>
public static class RequiredTool
{
    private static readonly string[] AlwaysSearched = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The absolute path of a program.</summary>
    /// <param name="name">Name to look for, or an absolute path that must exist (where another program of that name may come first).</param>
    /// <param name="install">The command that installs it.</param>
    /// <exception cref="ToolMissingException">It is not there.</exception>
    public static string Path(string name, string install) =>
        Candidates(name).FirstOrDefault(File.Exists) ?? throw new ToolMissingException(name, install);

    private static IEnumerable<string> Candidates(string name) => System.IO.Path.IsPathRooted(name)
        ? [name]
        : (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(AlwaysSearched)
            .Select(folder => System.IO.Path.Combine(folder, name));
}

/// <summary>A program that the tests need is not installed.</summary>
public sealed class ToolMissingException(string name, string install)
    : Exception($"'{name}' is not installed. Run ./test.sh as root, which installs it, or: {install}");

namespace Pier.Dat.Exec;

/// <summary>Where a program is, found as engines find it: by its path, or by its name in the folders of <c>PATH</c>.</summary>
internal static class ProgramPath
{
    private const string DefaultFolders = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The program's file; null when no folder has it.</summary>
    /// <param name="program">Name or path.</param>
    /// <param name="path">The value of <c>PATH</c>; null for the usual folders.</param>
    public static string? Find(string program, string? path)
    {
        if (program.Contains('/', StringComparison.Ordinal))
        {
            return program;
        }

        return program.Length == 0
            ? null
            : (path ?? DefaultFolders).Split(':').Select(folder => Path.Combine(folder.Length == 0 ? "." : folder, program)).FirstOrDefault(IsProgram);
    }

    private static bool IsProgram(string path) => File.Exists(path) && (File.GetUnixFileMode(path) & AnyExecute) != UnixFileMode.None;
}

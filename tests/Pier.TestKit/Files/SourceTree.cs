namespace Pier.TestKit.Files;

/// <summary>The source tree that the running tests were built from.</summary>
public static class SourceTree
{
    private const string Solution = "PierPlugins.sln";

    /// <summary>The solution's folder.</summary>
    public static string Root { get; } = Find();

    /// <summary>A file or folder by its path below the root.</summary>
    public static string At(string path) => Path.Combine(Root, path);

    /// <summary>Where a project puts what it builds, in the configuration that the running tests were built in.</summary>
    /// <param name="project">Its folder below the root.</param>
    public static string OutputOf(string project)
    {
        // tests/PROJECT/bin/Release/net10.0
        var ours = Path.GetRelativePath(Root, AppContext.BaseDirectory).Split('/');
        return Path.Combine([Root, project, .. ours[2..]]);
    }

    private static string Find()
    {
        for (var here = new DirectoryInfo(AppContext.BaseDirectory); here is not null; here = here.Parent)
        {
            if (File.Exists(Path.Combine(here.FullName, Solution)))
            {
                return here.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No {Solution} above {AppContext.BaseDirectory}: run the tests from the source tree.");
    }
}

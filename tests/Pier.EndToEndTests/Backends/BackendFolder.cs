namespace Pier.EndToEndTests.Backends;

/// <summary>The backends that the source tree ships.</summary>
internal static class BackendFolder
{
    private const string Plugins = "plugins/backends";

    /// <summary>Where they lie.</summary>
    public static string Path => Above(AppContext.BaseDirectory);

    private static string Above(string folder)
    {
        for (var here = new DirectoryInfo(folder); here is not null; here = here.Parent)
        {
            if (Directory.Exists(System.IO.Path.Combine(here.FullName, Plugins)))
            {
                return System.IO.Path.Combine(here.FullName, Plugins);
            }
        }

        throw new DirectoryNotFoundException($"No {Plugins} above {folder}: run the tests from the source tree.");
    }
}

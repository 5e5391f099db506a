using Pier.TestKit.Files;

namespace Pier.UnitTests.House;

/// <summary>The source tree that these tests were built from.</summary>
internal static class Tree
{
    /// <summary>The folder of the solution.</summary>
    public static string Root => SourceTree.Root;

    /// <summary>The rooms: folders of <c>src</c> with a project in them.</summary>
    public static IReadOnlyList<string> Rooms { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(project => Path.GetFileNameWithoutExtension(project)!).Order(StringComparer.Ordinal)];

    /// <summary>All C# files that people wrote, by their path below the root.</summary>
    public static IEnumerable<string> SourceFiles() =>
        new[] { "src", "tests" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Root, file))
            .Where(file => !file.Split('/').Any(part => part is "obj" or "bin"));
}

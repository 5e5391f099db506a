namespace Pier.Dat.Getting;

/// <summary>Where content goes, as <c>COPY</c> and <c>PIER</c> have it.</summary>
internal static class Destination
{
    /// <summary>The file of content that is one file: below a folder, or under the name that was given.</summary>
    public static string FileIn(string destination, string name) =>
        destination.EndsWith('/') || Directory.Exists(destination) ? Path.Combine(destination, name) : destination;
}

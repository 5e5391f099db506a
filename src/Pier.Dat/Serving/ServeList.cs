namespace Pier.Dat.Serving;

/// <summary>The file of what is served.</summary>
internal static class ServeList
{
    private const int MostLines = 1000;

    /// <summary>Whether there is anything; never fails.</summary>
    public static bool HasAny(string path)
    {
        try
        {
            return Read(path).Count > 0;
        }
        catch (DatException)
        {
            return false;
        }
    }

    /// <summary>Its lines.</summary>
    /// <exception cref="DatException">There is no such file, or it cannot be read.</exception>
    public static IReadOnlyList<ServeLine> Read(string path)
    {
        try
        {
            return [.. File.ReadLines(path).Take(MostLines).Select(ServeLine.Read).OfType<ServeLine>()];
        }
        catch (Exception refused) when (refused is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DatException($"{path} not found.", refused);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new DatException($"{path}: {refused.Message}", refused);
        }
    }

    /// <summary>Adds a line, unless it is there.</summary>
    /// <exception cref="DatException">The file cannot be written.</exception>
    public static void Add(string path, ServeLine line)
    {
        try
        {
            var text = File.Exists(path) ? File.ReadAllText(path) : "";
            if (!text.Split('\n').Any(known => ServeLine.Read(known)?.ToString() == line.ToString()))
            {
                File.AppendAllText(path, $"{(text.Length == 0 || text.EndsWith('\n') ? "" : "\n")}{line}\n");
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new DatException($"{path}: {refused.Message}", refused);
        }
    }
}

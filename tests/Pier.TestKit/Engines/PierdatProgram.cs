namespace Pier.TestKit.Engines;

/// <summary>The static pierdat, as its own recipe makes it.</summary>
public static class PierdatProgram
{
    /// <summary>What it is made of.</summary>
    internal static readonly string[] Sources = ["src/Pier.Dat", "src/Pier.BitTorrent", "src/Pier.Content", "src/Pier.Store", "src/Pier.Distribution", "plugins/pierdat"];

    private static readonly CompiledFiles Files = new("pierdat", "plugins/pierdat/build.sh", [], Sources);

    /// <summary>Makes it, unless it is there from before; returns its path.</summary>
    public static async Task<string> MakeAsync(CancellationToken cancellationToken) =>
        Path.Combine(await Files.MakeAsync(new Dictionary<string, string>(StringComparer.Ordinal), cancellationToken), "pierdat");
}

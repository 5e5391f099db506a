namespace Pier.TestKit.Engines;

/// <summary>The static pierdat, as its own recipe makes it.</summary>
public static class PierdatProgram
{
    /// <summary>What it is made of.</summary>
    internal static readonly string[] Sources = ["src/Pier.Dat", "src/Pier.BitTorrent", "src/Pier.Content", "src/Pier.Store", "src/Pier.Distribution", "plugins/pierdat"];

    private static readonly CompiledFiles Files = new("pierdat", "plugins/pierdat/build.sh", [], Sources);

    private static readonly CompiledFiles SmallFiles = new("pierdat-small", "plugins/pierdat/build.sh", ["-p:PierDatHttps=false"], Sources);

    /// <summary>Makes the one without HTTPS, unless it is there from before; returns its path.</summary>
    public static async Task<string> MakeSmallAsync(CancellationToken cancellationToken) =>
        Path.Combine(await SmallFiles.MakeAsync(new Dictionary<string, string>(StringComparer.Ordinal), cancellationToken), "pierdat");

    /// <summary>Makes it, unless it is there from before; returns its path.</summary>
    public static async Task<string> MakeAsync(CancellationToken cancellationToken) =>
        Path.Combine(await Files.MakeAsync(new Dictionary<string, string>(StringComparer.Ordinal), cancellationToken), "pierdat");
}

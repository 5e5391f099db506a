using System.Globalization;

namespace Pier.Cli.Output;

/// <summary>Numbers in the cells of tables, where nothing is a dash: what happens stands out.</summary>
internal static class Cells
{
    private const string Nothing = "-";

    /// <summary>"12.3 MiB"</summary>
    public static string Bytes(long bytes) => bytes == 0 ? Nothing : Sizes.Bytes(bytes);

    /// <summary>"12.3 MiB/s"</summary>
    public static string Rate(long bytesPerSecond) => bytesPerSecond == 0 ? Nothing : Sizes.Rate(bytesPerSecond);

    /// <summary>"12"</summary>
    public static string Count(int count) => count == 0 ? Nothing : count.ToString(CultureInfo.InvariantCulture);

    /// <summary>"99%", which is 100 only for the whole.</summary>
    public static string Percent(long part, long whole) => whole == 0 ? Nothing : $"{(long)((Int128)100 * part / whole)}%";
}

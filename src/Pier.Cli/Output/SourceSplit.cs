using System.Globalization;
using Pier.Api.Nodes;

namespace Pier.Cli.Output;

/// <summary>Says where bytes came from: "peers 80% upstream 20%".</summary>
internal static class SourceSplit
{
    /// <summary>Shares of the whole, largest first; empty when nothing has come.</summary>
    public static string Shares(SourceBytes bytes) => bytes.Total == 0
        ? ""
        : string.Join(' ', Parts(bytes).Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Name} {100.0 * part.Bytes / bytes.Total:0}%")));

    /// <summary>Amounts, largest first; "nothing" when nothing has come.</summary>
    public static string Amounts(SourceBytes bytes) => bytes.Total == 0
        ? "nothing"
        : string.Join(", ", Parts(bytes).Select(part => $"{part.Name} {Sizes.Bytes(part.Bytes)}"));

    private static IEnumerable<(string Name, long Bytes)> Parts(SourceBytes bytes) =>
        ((string Name, long Bytes)[])[("peers", bytes.Peers), ("ipfs", bytes.Ipfs), ("upstream", bytes.Upstream), ("cache", bytes.Cache)] is var all
            ? all.Where(part => part.Bytes > 0).OrderByDescending(part => part.Bytes)
            : [];
}
